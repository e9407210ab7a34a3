// The draw as it comes: what the service streams, shown as it arrives. Nothing here pretends.
"use strict";

/** Rows that are shown of a long list; its number counts them all. */
const SHOWN_MAX = 500;

const scene = document.getElementById("ceremony");
const words = scene.dataset;
const counts = { drawn: 0, dealt: 0 };

function cell(row, text) {
  row.insertCell().textContent = text;
}

function count(name) {
  counts[name] += 1;
  document.getElementById(name).textContent = counts[name];
  return counts[name] <= SHOWN_MAX;
}

function put(at, is, good, value) {
  const [state, code] = at.children;
  state.className = `state ${is ? "good" : "wait"}`;
  state.textContent = is ? good : words.waiting;
  code.textContent = value;
}

function stands(news) {
  document.getElementById("stage").textContent = news.state;
  document.getElementById("seed").textContent = news.seed;
  for (const office of news.offices) {
    const row = [...document.querySelectorAll("#offices tr")].find((r) => r.dataset.office === office.name);
    if (!row) continue;
    put(row.children[1], office.commitment !== "", words.committed, office.commitment);
    put(row.children[2], office.number !== "", words.revealed, office.number);
  }
}

function drawn(news) {
  if (!count("drawn")) return;
  const row = document.getElementById("tickets").insertRow();
  for (const text of [news.department, news.stratum, news.rank, news.ticket.slice(0, 16)]) cell(row, text);
}

function dealt(news) {
  if (!count("dealt")) return;
  const row = document.getElementById("teams").insertRow();
  const team = news.teams.map(([department, people]) =>
    `${department}: ${people.map((p) => p.slice(0, 8) || words.nobody).join(" ")}`);
  for (const text of [news.rank, news.ticket.slice(0, 16), team.join(" · ")]) cell(row, text);
}

const source = new EventSource(words.events);
const on = (name, show) => source.addEventListener(name, (event) => show(JSON.parse(event.data)));
on("stands", stands);
on("drawn", drawn);
on("dealt", dealt);
// The attempt is over: there is nothing to come back for.
source.addEventListener("end", () => { source.close(); scene.dataset.ended = "1"; });
