// Improves the donation form; without it the form works just as well.
(() => {
  const rubles = (text) => {
    const plain = text.replace(/[\s\u00a0\u202f\u2009]/g, "").replace(",", ".");
    return /^\d{1,9}(\.\d{1,2})?$/.test(plain) ? Number(plain) : 0;
  };
  const said = (sum) => {
    const [whole, part] = sum.toFixed(2).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
    return grouped + (part === "00" ? "" : "," + part) + "\u00a0₽";
  };
  // randomUUID is missing on plain http; the random bytes are not.
  const nonce = () => crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0"))
      .join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

  for (const form of document.querySelectorAll("form[data-donation]")) {
    const { nonce: key, amount, preset } = form.elements;
    const button = form.querySelector("button[data-label]");
    const radios = [...form.querySelectorAll("input[type=radio][name=preset]")];
    const own = radios.find((radio) => radio.value === "own");
    const chosen = () => radios.find((radio) => radio.checked)?.value ?? preset?.value;
    let sent = false;

    const name = () => {
      if (!button) return;
      const sum = rubles(chosen() === "own" ? amount.value : chosen() ?? "");
      button.textContent = sum ? button.dataset.label.replace("{sum}", said(sum)) : button.dataset.plain;
    };
    const wake = () => {
      sent = false;
      button?.removeAttribute("aria-disabled");
      name();
    };

    amount.addEventListener("input", () => {
      if (own && amount.value.trim()) own.checked = true;
      name();
    });
    for (const radio of radios) {
      radio.addEventListener("change", () => {
        if (radio === own) amount.focus();
        else amount.value = "";
        name();
      });
    }
    form.addEventListener("submit", (event) => {
      if (sent) {
        event.preventDefault();
        return;
      }
      sent = true;
      key.value ||= nonce();
      // The quiet button beside it (by requisites) keeps its words.
      if (button && (event.submitter ?? button) === button) {
        button.setAttribute("aria-disabled", "true");
        button.textContent = button.dataset.busy;
      }
      // A submit the visitor stopped leaves no event; the same key makes a second one harmless.
      setTimeout(wake, 10000);
    });
    // Back from the payment page is a new gift: a new key, an awake button.
    addEventListener("pageshow", () => {
      key.value = "";
      wake();
    });
    name();
  }
})();
