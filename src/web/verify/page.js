// The page: a file in, one line per step, a verdict.

import { LANGUAGES, MESSAGES } from "./messages.js";
import { steps } from "./verify.js";

const $ = (id) => document.getElementById(id);
let language = navigator.language.startsWith("en") ? "en" : LANGUAGES[0];
/** What is shown, so that it can be shown again in another language. */
let shown = [];

function element(name, text, kind) {
  const out = document.createElement(name);
  out.textContent = text;
  if (kind) out.className = kind;
  return out;
}

function line({ step, name, wrong }) {
  const words = MESSAGES[language];
  const good = wrong === undefined;
  const out = element("li", "", good ? "holds" : "fails");
  out.append(element("b", step), element("span", words[step[0]][name]));
  out.append(element("em", good ? words.holds : words.fails));
  if (!good) out.append(element("code", wrong));
  return out;
}

function summary(figures) {
  const words = MESSAGES[language];
  const list = document.createElement("dl");
  for (const [name, title] of Object.entries(words.figures)) {
    if (figures[name] === undefined) continue;
    list.append(element("dt", title), element("dd", String(figures[name])));
  }
  const notes = document.createElement("ul");
  for (const end of figures.ended ?? []) notes.append(element("li", words.ended(end)));
  for (const [name, time] of figures.witnesses ?? []) {
    notes.append(element("li", words.witness(name, new Date(time * 1000).toLocaleString())));
  }
  if (figures.beacon) notes.append(element("li", words.beacon, "warning"));
  if (figures.keyGiven === false) notes.append(element("li", words.ownKey, "warning"));
  return [list, notes];
}

function show() {
  const words = MESSAGES[language];
  document.documentElement.lang = language;
  document.title = words.title;
  $("title").textContent = words.title;
  $("what").textContent = words.what;
  $("choose").textContent = words.choose;
  $("key-label").textContent = words.key;
  $("other").textContent = words.other;
  $("steps-title").textContent = words.steps;
  $("result").hidden = shown.length === 0;
  const last = shown.at(-1) ?? {};
  const { figures, wrong } = last;
  $("steps").replaceChildren(...shown.filter((s) => s.step).map(line));
  const verdict = $("verdict");
  if (figures) {
    verdict.textContent = figures.void ? words.voided : words.verified;
    verdict.className = figures.void ? "voided" : "holds";
  } else {
    verdict.textContent = wrong === undefined ? words.working : words.wrong;
    verdict.className = wrong === undefined ? "" : "fails";
  }
  $("summary").replaceChildren(...(figures ? summary(figures) : []));
}

/** Lets the page be drawn between two steps. */
const pause = () => new Promise((done) => { setTimeout(done); });

let latest = 0;

async function check(file) {
  latest += 1;
  const mine = latest;
  const bytes = new Uint8Array(await file.arrayBuffer());
  shown = [{}];
  show();
  await pause();
  shown = [];
  for (const found of steps(bytes, $("key").value.trim() || null)) {
    if (mine !== latest) return;
    shown.push(found);
    show();
    await pause();
  }
}

function again() {
  const [file] = $("file").files;
  if (file) check(file);
}

$("file").addEventListener("change", again);
$("key").addEventListener("change", again);
$("other").addEventListener("click", () => {
  language = LANGUAGES.find((other) => other !== language);
  show();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (!file) return;
  $("file").files = event.dataTransfer.files;
  check(file);
});
show();
