// Says what the address will be while it is typed, and shows only what the kind of site asks for.
(() => {
  const form = document.querySelector("[data-open-site]");
  if (!form) return;
  const line = form.querySelector("[data-address]");
  const name = form.elements.organisation;
  const host = form.elements.hostname;
  let timer, last = "";

  async function ask() {
    const query = new URLSearchParams({ organisation: name.value, hostname: host.value }).toString();
    if (query === last) return;
    last = query;
    let told;
    try {
      told = await (await fetch(`${form.dataset.addressUrl}?${query}`)).json();
    } catch {
      return; // the server says it again when the form is sent
    }
    if (query !== last) return;
    line.hidden = !(told.address || told.problem);
    line.classList.toggle("net-problem", Boolean(told.problem));
    line.textContent = told.problem || `${line.dataset.will} ${told.address}`;
    if (told.shown) line.append(` (${line.dataset.reads} ${told.shown})`);
    if (told.note) line.append(`. ${told.note}`);
  }

  for (const field of [name, host]) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 250);
    });
  }

  function showWhatIsAsked() {
    const group = form.elements.blueprint.value === "group";
    form.querySelector("[data-section=recipient]").hidden = !group;
    form.querySelector("[data-section=requisites]").hidden = group && !form.querySelector("[data-section=requisites] .error-message");
  }
  for (const kind of form.elements.blueprint) kind.addEventListener("change", showWhatIsAsked);
  showWhatIsAsked();
  if (name.value || host.value) ask();
})();
