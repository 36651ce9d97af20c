// Asks for what changes and puts it in place; what the reader has opened stays open.
"use strict";

const EVERY_MS = 2000;
const PATIENCE_MS = 10000;
const now = document.getElementById("now");
const connection = document.getElementById("connection");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("now", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`answered with ${answer.status}`);
    const text = await answer.text();
    const open = Array.from(now.querySelectorAll("details[open]"), (details) => details.id);
    now.innerHTML = text;
    now.dataset.looks = String(Number(now.dataset.looks || 0) + 1);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    connection.textContent = "";
  } catch (error) {
    connection.textContent = `The scheduler does not answer (${error.message}); this is what it last said.`;
  }
}

async function follow() {
  await look();
  setTimeout(follow, EVERY_MS);
}

document.addEventListener("visibilitychange", look);
setTimeout(follow, EVERY_MS);
