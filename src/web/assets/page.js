// What pages do beyond reading: figures come anew, sliders show what they are set to and ask at once.
"use strict";

/** Reads a page anew and puts its main part in place of this one's; what is being typed in stays. */
async function renew(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.getElementById("main");
  const fresh = page.getElementById("main");
  if (!fresh) return false;
  const focus = document.activeElement?.id;
  const open = [...main.querySelectorAll("details")].map((d) => d.open);
  main.replaceChildren(...fresh.childNodes);
  main.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
  if (focus) document.getElementById(focus)?.focus();
  listen();
  document.body.dataset.renewed = String(Number(document.body.dataset.renewed ?? 0) + 1);
  return true;
}

/** Makes the sliders of the page live. */
function listen() {
  for (const range of document.querySelectorAll('input[type="range"]')) {
    const output = range.parentElement.querySelector("output");
    range.addEventListener("input", () => { output.textContent = range.value; });
  }
  for (const form of document.querySelectorAll("form[data-live]")) {
    form.addEventListener("change", () => {
      const query = new URLSearchParams(new FormData(form));
      renew(`${form.getAttribute("action")}?${query}`);
    });
  }
}

listen();
const seconds = Number(document.body.dataset.refresh ?? 0);
if (seconds > 0) {
  const again = async () => {
    if (!document.hidden) await renew(location.href).catch(() => false);
    setTimeout(again, seconds * 1000);
  };
  setTimeout(again, seconds * 1000);
}
