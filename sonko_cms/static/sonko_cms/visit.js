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
