// A choice is an answer: the list follows it without the button.
document.querySelectorAll(".finder").forEach((form) => {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "q") form.requestSubmit();
  });
});
