// The page on which a business checks a visit code: who may come, for what, when.

import { need } from "./canon.js";
import { LANGUAGES, VISIT } from "./messages.js";
import { Key, LOG, note } from "./note.js";

const $ = (id) => document.getElementById(id);
let language = navigator.language.startsWith("en") ? "en" : LANGUAGES[0];

/** What a code says, once the signature of one of the service's keys holds. */
export function read(source, vkeys) {
  const signed = note(source);
  const own = vkeys.split(" ").some((vkey) => new Key(vkey, LOG).signed(signed) !== null);
  need(own, "not signed by this service");
  const [title, visit, days, ticket, ...parts] = signed.text.slice(0, -1).split("\n");
  need(title === "onevisit visit", "not a visit code");
  const [campaign, rank] = visit.split(" ");
  const [first, last] = days.split(" ");
  const sections = parts.map((line) => {
    const [department, items, people] = line.split(" ");
    return { department, items: items.split(","), people: people.split(",") };
  });
  return { campaign, rank, first, last, ticket, sections };
}

/** A day as YYYY-MM-DD where the browser is. */
function today() {
  const now = new Date();
  const two = (n) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function row(list, title, text) {
  const [dt, dd] = ["dt", "dd"].map((name) => document.createElement(name));
  [dt.textContent, dd.textContent] = [title, text];
  list.append(dt, dd);
}

function summary(code, words) {
  const list = document.createElement("dl");
  row(list, words.campaign, `${code.campaign} · ${code.rank}`);
  row(list, words.days, `${code.first} — ${code.last}`);
  for (const { department, items, people } of code.sections) {
    row(list, department, words.section(people.join("、"), items.join("、")));
  }
  return list;
}

function show() {
  const words = VISIT[language];
  document.documentElement.lang = language;
  document.title = words.title;
  for (const name of ["title", "what", "other"]) $(name).textContent = words[name];
  $("code-label").textContent = words.code;
  $("recusal").textContent = words.recusal;
  const given = $("code").value.trim();
  $("result").hidden = given === "";
  if (given === "") return;
  const verdict = $("verdict");
  try {
    const code = read(`${given}\n`, document.querySelector("meta[name=visit-key]").content);
    const day = today();
    const inside = code.first <= day && day <= code.last;
    verdict.textContent = inside ? words.good : words.otherDay;
    verdict.className = inside ? "holds" : "voided";
    $("summary").replaceChildren(summary(code, words));
  } catch {
    verdict.textContent = words.bad;
    verdict.className = "fails";
    $("summary").replaceChildren();
  }
}

$("code").addEventListener("input", show);
$("other").addEventListener("click", () => {
  language = LANGUAGES.find((other) => other !== language);
  show();
});
show();
