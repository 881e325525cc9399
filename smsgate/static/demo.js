// The rehearsal without reloading: new texts as they come, forms sent in the background, keys to press, and an
// introduction that plays by itself. The page works without all of it.
"use strict";

const LOOK_EVERY = 1000, READING = 2500, A_LETTER = 70; // milliseconds
const stage = document.getElementById("stage");
const phones = [...document.querySelectorAll("section[data-number]")];
const trouble = document.getElementById("trouble");
const messages = [];
let asking = null, drawn = false;
document.body.classList.add("has-script");

const pause = (time) => new Promise((done) => setTimeout(done, time));

// --- what phones show

function show(message) {
  for (const phone of phones) {
    const list = phone.querySelector("ol");
    if (phone.dataset.number !== message.number || list.querySelector(`[data-id="${message.id}"]`)) continue;
    const item = document.createElement("li");
    item.className = (message.from_phone ? "sent" : "received") + (drawn ? " arriving" : "");
    item.dataset.id = message.id;
    item.append(
      element("span", message.from_phone ? stage.dataset.sent : stage.dataset.received, "unseen"),
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

function wait({ number, says, question }) {
  for (const phone of phones.filter((one) => one.dataset.number === number)) {
    phone.dataset.question = question;
    const line = phone.querySelector(".waits");
    if (line.textContent !== says) line.textContent = says;
  }
}

// --- talking to the rehearsal

function look(settled = "") {
  // One question at a time: an answer that overtakes another would show texts out of order.
  asking ??= ask(settled).finally(() => { asking = null; });
  return asking;
}

async function ask(settled) {
  const { language } = stage.dataset, { number } = phones.at(-1).dataset;
  const about = new URLSearchParams({ language, number, after: messages.length, settled });
  try {
    const answer = await fetch(`/demo/messages.json?${about}`);
    if (!answer.ok) throw new Error(answer.status);
    const said = await answer.json();
    if (said.rehearsal !== stage.dataset.rehearsal) return location.reload();
    messages.push(...said.messages);
    said.messages.forEach(show);
    said.waits.forEach(wait);
    tell(said.now);
    trouble.textContent = "";
    drawn = true;
  } catch {
    trouble.textContent = stage.dataset.noAnswer;
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
  if (!answer.ok) return complain(phone, said.field, said.message);
  complain(phone, "", "");
  // What was typed while the text was on its way stays.
  if (button?.name !== "quick" && form.elements.text.value === written) form.elements.text.value = "";
  if (phone.dataset.number !== said.number) {
    phone.dataset.number = said.number;
    phone.querySelector("ol").replaceChildren();
    messages.forEach(show);
  }
}

async function submit(form, button, settled) {
  const phone = form.closest("section");
  try {
    if (phone) await send(phone, form, button);
    else tell(await (await post(form, button)).json());
  } catch {
    trouble.textContent = stage.dataset.noAnswer;
    return;
  }
  await asking;
  await look(settled);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.target, event.submitter);
});

// --- keys: a letter typed presses its key, and a key pressed types its letters in turn

const LETTERS = { 1: ".,?!1", 2: "ABC2", 3: "DEF3", 4: "GHI4", 5: "JKL5", 6: "MNO6", 7: "PQRS7", 8: "TUV8", 9: "WXYZ9", 0: " 0" };
const SAME_KEY_WITHIN = 900; // milliseconds
let tapped = {}, capitals = true;

function press(phone, letter) {
  const plain = letter.normalize("NFD")[0].toUpperCase();
  const digit = Object.keys(LETTERS).find((one) => LETTERS[one].includes(plain));
  const key = phone.querySelector(`[data-key="${digit}"]`);
  key?.classList.add("down");
  setTimeout(() => key?.classList.remove("down"), 130);
}

function tap(field, digit) {
  const again = tapped.field === field && tapped.digit === digit && Date.now() - tapped.at < SAME_KEY_WITHIN;
  tapped = { field, digit, at: Date.now(), turn: again ? tapped.turn + 1 : 0 };
  if (digit === "#") capitals = !capitals;
  else if (digit === "*") field.value = field.value.slice(0, -1);
  else {
    const letter = LETTERS[digit][tapped.turn % LETTERS[digit].length];
    const before = again ? field.value.slice(0, -1) : field.value;
    field.value = (before + (capitals ? letter : letter.toLowerCase())).slice(0, field.maxLength);
  }
}

for (const phone of phones) {
  const field = phone.querySelector("input[name=text]");
  field.addEventListener("input", (event) => event.data && press(phone, event.data));
  for (const key of phone.querySelectorAll("[data-key]")) key.addEventListener("click", () => tap(field, key.dataset.key));
}

// --- an introduction that plays by itself

async function says(phone, button) {
  const form = phone.querySelector("form"), field = form.elements.text;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  phone.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  field.value = "";
  for (const letter of button.value) {
    field.value += letter;
    if (still) continue;
    press(phone, letter);
    await pause(A_LETTER);
  }
  await submit(form, null, "settled"); // all that follows from it has arrived, too
  await pause(READING);
}

async function play() {
  const [asker, ...others] = phones;
  await says(asker, asker.querySelector(".first"));
  const helper = others.find((phone) => phone.dataset.question === "offer");
  if (!helper) return; // nobody is free: the phones say why
  await says(helper, helper.querySelector(".answer"));
  if (asker.dataset.question === "confirm") await says(asker, asker.querySelector(".answer"));
}

const button = document.getElementById("play");
button.hidden = false;
button.addEventListener("click", () => {
  button.disabled = true;
  play().finally(() => { button.disabled = false; });
});

async function lookAgain() {
  await look();
  setTimeout(lookAgain, LOOK_EVERY);
}
lookAgain();
