// A form that saves is sent once: the second press of its button waits with the first.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    document.getElementById("status").textContent = "Сохраняю…";
  });
  // the page may come back from the browser's memory
  addEventListener("pageshow", () => {
    sent = false;
    document.getElementById("status").textContent = "";
  });
}
