// While a colour is being chosen: what becomes of it on the site, as the server counts it.
(() => {
  const start = () => {
    const box = document.querySelector("[data-colours]");
    if (!box) return;
    const fields = ["accent", "second"].map((name) => document.querySelector(`input[name="${name}"]`));
    let timer;
    const ask = async () => {
      const values = new URLSearchParams(fields.map((field) => [field.name, field.value]));
      const answer = await fetch(`${box.dataset.colours}?${values}`);
      if (answer.ok) box.innerHTML = await answer.text();
    };
    fields.forEach((field) => field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    }));
  };
  document.addEventListener("DOMContentLoaded", start);
})();
