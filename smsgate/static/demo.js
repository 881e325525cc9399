// The page without reloading: new texts as they come, and forms sent in the background. Works without it too.
"use strict";

const EVERY_MILLISECONDS = 1000;
const phones = [...document.querySelectorAll("section[data-number]")];
const trouble = document.getElementById("trouble");
const messages = [];
let asking = null;

function show(message) {
  for (const phone of phones) {
    const list = phone.querySelector("ol");
    if (phone.dataset.number !== message.number || list.querySelector(`[data-id="${message.id}"]`)) continue;
    const item = document.createElement("li");
    item.className = message.from_phone ? "sent" : "received";
    item.dataset.id = message.id;
    item.append(
      element("span", message.from_phone ? "Sent:" : "Received:", "way"),
      element("p", message.words),
      element("small", message.time),
    );
    const roll = phone.querySelector(".roll");
    list.append(item);
    roll.scrollTop = roll.scrollHeight;
  }
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function tell(now) {
  document.getElementById("now").dateTime = now.iso;
  document.getElementById("date").textContent = now.date;
  document.getElementById("time").textContent = now.time;
}

async function look() {
  // One question at a time: an answer that overtakes another would show texts out of order.
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  try {
    const answer = await fetch(`/demo/messages.json?after=${messages.length}`);
    if (!answer.ok) throw new Error(answer.status);
    const said = await answer.json();
    if (said.rehearsal !== document.body.dataset.rehearsal) return location.reload();
    messages.push(...said.messages);
    said.messages.forEach(show);
    tell(said.now);
    trouble.textContent = "";
  } catch {
    trouble.textContent = "The rehearsal does not answer. Start it again with: smsgate demo, then reload this page.";
  }
}

async function post(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  return fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
}

function complain(phone, field, message) {
  for (const place of phone.querySelectorAll("[data-error]")) {
    const wrong = place.dataset.error === field;
    place.textContent = wrong ? message : "";
    const input = phone.querySelector(`input[name="${place.dataset.error}"]:not([type="hidden"])`);
    if (!input) continue;
    if (wrong) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
    } else {
      input.removeAttribute("aria-invalid");
    }
  }
}

async function send(phone, form, button) {
  const written = form.elements.text.value;
  const answer = await post(form, button);
  const said = await answer.json();
  if (!answer.ok) {
    complain(phone, said.field, said.message);
    return;
  }
  complain(phone, "", "");
  // What was typed while the text was on its way stays.
  if (button?.name !== "quick" && form.elements.text.value === written) form.elements.text.value = "";
  if (phone.dataset.number !== said.number) {
    phone.dataset.number = said.number;
    phone.querySelector("ol").replaceChildren();
    messages.forEach(show);
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const phone = event.target.closest("section");
  try {
    if (phone) await send(phone, event.target, event.submitter);
    else tell(await (await post(event.target, event.submitter)).json());
  } catch {
    trouble.textContent = "Not sent: the rehearsal does not answer. Start it again with: smsgate demo";
    return;
  }
  await asking;
  await look();
});

async function lookAgain() {
  await look();
  setTimeout(lookAgain, EVERY_MILLISECONDS);
}
lookAgain();
