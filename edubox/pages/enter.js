// A password can be looked at while it is typed.
"use strict";
(() => {
  const button = document.getElementById("reveal"), field = document.getElementById("password");
  if (!button) return;
  const show = (on) => {
    field.type = on ? "text" : "password";
    button.setAttribute("aria-pressed", on);
  };
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false)); // so that no browser remembers it among words
  button.hidden = false;
})();
