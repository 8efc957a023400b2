// Buttons that copy a line, and one that opens the phone's own sheet of ways to share. Without
// script, or where the browser has neither, they do not show: the plain links do.
(() => {
  for (const button of document.querySelectorAll("button[data-share]")) {
    if (!navigator.share) break;
    button.hidden = false;
    button.addEventListener("click", () => {
      // Closing the sheet again is no fault.
      const { title, share: url } = button.dataset;
      navigator.share({ title, text: title, url }).catch(() => {});
    });
  }
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const line = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(line.textContent.trim());
      } catch {
        return; // the visitor said no
      }
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();

// Tells the site, once, that its page was seen by a person and by which link they came. No cookie,
// nothing kept in the browser, nothing about the person. A page shown again is no new visit.
(() => {
  const place = document.querySelector("[data-visit]");
  const [way] = performance.getEntriesByType("navigation");
  const again = way && ["reload", "back_forward"].includes(way.type);
  if (!place || !navigator.sendBeacon || navigator.webdriver || again) return;
  let told = false;
  const tell = () => {
    // A page that lies ready in another tab has not been seen yet.
    if (told || document.hidden || document.prerendering) return;
    told = true;
    const channel = new URLSearchParams(location.search).get("utm_source") ?? "";
    const { campaign, visit } = place.dataset;
    navigator.sendBeacon(visit, new URLSearchParams({ campaign, channel: channel.slice(0, 60) }));
  };
  document.addEventListener("visibilitychange", tell);
  document.addEventListener("prerenderingchange", tell);
  if (document.readyState === "complete") tell();
  else addEventListener("load", tell);
})();
