// What the public pages do better with a script: print at a touch, and have the texts follow the typing.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const form = document.querySelector("form[data-follow]");
const FOLLOWS = ["prepared", "texts", "postcode-error"];
let latest = 0;

async function follow() {
  const asked = ++latest;
  const address = new URL("/", location);
  address.search = new URLSearchParams(new FormData(form));
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (asked !== latest) return; // somebody types faster than we answer
  for (const id of FOLLOWS) {
    const drawn = page.getElementById(id);
    if (drawn) document.getElementById(id).replaceChildren(...drawn.childNodes);
  }
  const field = form.elements.postcode;
  field.toggleAttribute("aria-invalid", page.getElementById("postcode").hasAttribute("aria-invalid"));
}

form?.elements.postcode.addEventListener("input", (event) => {
  if (event.target.value.replace(/\D/g, "").length === 4) follow().catch(() => {}); // the button is still there
});
