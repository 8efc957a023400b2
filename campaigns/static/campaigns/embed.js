// One line on another site puts a widget of ours beside itself. It sets no cookie, reads nothing
// of the page and needs no style but its own.
(() => {
  const tag = document.currentScript;
  const { origin } = new URL(tag.src);
  const { campaign = "general", kind = "card", lang } = tag.dataset;
  const path = [lang, "embed", campaign, kind].filter(Boolean).map(encodeURIComponent).join("/");
  const frame = document.createElement("iframe");
  frame.src = `${origin}/${path}/`;
  frame.loading = "lazy";
  frame.width = "100%";
  frame.height = { button: 96, form: 1250 }[kind] ?? 640;
  frame.style.border = 0;
  frame.style.display = "block";
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin) return;
    const { widget, title } = event.data ?? {};
    if (Number.isInteger(widget) && widget > 0) frame.height = Math.min(widget, 5000);
    if (typeof title === "string") frame.title = title;
  });
  frame.addEventListener("load", () => frame.contentWindow.postMessage("widget?", origin));
  tag.after(frame);
})();
