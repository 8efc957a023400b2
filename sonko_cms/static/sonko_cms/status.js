// Asks how the payment stands and shows the page anew once that changes.
(() => {
  const place = document.querySelector("[data-status-url]");
  if (!place) return;
  const { statusUrl, state, slow } = place.dataset;
  let asked = 0;

  const ask = async () => {
    asked += 1;
    if (!document.hidden) {
      try {
        const answer = await fetch(statusUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (answer.ok && (await answer.json()).state !== state) {
          location.reload();
          return;
        }
      } catch {
        // No connection just now; the next question may have it.
      }
    }
    if (asked === 10) place.textContent = slow;
    if (asked < 120) setTimeout(ask, asked < 10 ? 2000 : 5000);
  };
  setTimeout(ask, 1500);
})();
