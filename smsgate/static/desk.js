// What the operators' pages do better with a script: they look again by themselves, and a place completes itself.
"use strict";

// --- looking again: what has changed is put in, and nothing moves under the reader's eyes or hands

const page = document.querySelector("[data-refresh]");

function remember(section) {
  const { id } = document.activeElement;
  return { id: section.contains(document.activeElement) ? id : "", open: [...section.querySelectorAll("details[open]")].map((one) => one.id) };
}

function anchor() {
  if (scrollY === 0) return null; // whoever is at the top wants to see what is new there
  return [...document.querySelectorAll("main [id]")].find((one) => one.getBoundingClientRect().top >= 0 && one.checkVisibility());
}

function putIn(drawn) {
  const kept = anchor(), top = kept?.getBoundingClientRect().top;
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const fresh = drawn.getElementById(old.id);
    if (!fresh) continue;
    const { id, open } = remember(old);
    for (const one of open) fresh.querySelector(`#${one}`)?.setAttribute("open", "");
    if (fresh.innerHTML === old.innerHTML) continue;
    old.replaceChildren(...fresh.childNodes);
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
  }
  // Whoever reads further down stays there, even though a case was added above.
  const now = kept && document.getElementById(kept.id);
  if (now) scrollBy(0, now.getBoundingClientRect().top - top);
}

async function lookAgain() {
  const fresh = document.getElementById("fresh");
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    putIn(drawn);
    fresh.textContent = drawn.getElementById("fresh").textContent;
    fresh.classList.remove("error");
    page.dataset.notFresh = drawn.querySelector("[data-refresh]").dataset.notFresh;
  } catch {
    fresh.textContent = page.dataset.notFresh;
    fresh.classList.add("error");
  }
}

if (page) {
  setInterval(() => document.hidden || lookAgain(), page.dataset.refresh * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || lookAgain());
}

// --- completing a place

const place = document.querySelector("[data-complete]");
let latest = 0;

async function complete() {
  const asked = ++latest, address = new URL(place.dataset.complete, location);
  address.searchParams.set("typed", place.value);
  const found = await (await fetch(address)).json();
  if (asked !== latest) return; // somebody types faster than we answer
  place.list.replaceChildren(...found.map(({ value, label }) => new Option(label, value)));
}

place?.addEventListener("input", () => complete().catch(() => {})); // the place can be typed in full
