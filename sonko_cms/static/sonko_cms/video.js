// The player comes on a click, and nobody is asked for anything before it.
(() => {
  for (const words of document.querySelectorAll("a.video[data-player] .hidden")) words.remove();

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.video[data-player]");
    // A new tab asked for by hand is the reader's wish; a second copy of this script does nothing.
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.className = "video-player";
    frame.title = link.querySelector(".video-title").textContent;
    frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    // Players refuse to play for a page that does not say where it is; they get the host only.
    frame.referrerPolicy = "strict-origin";
    frame.src = link.dataset.player;
    link.before(frame);
    link.querySelector(".picture").remove();
    link.removeAttribute("data-player");
    frame.focus();
  });
})();
