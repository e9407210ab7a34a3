// All steps of a file, one after the other.

import { canonical, need, parse, text } from "./canon.js";
import { Draw } from "./draw.js";
import { Log } from "./log.js";

function read(bytes) {
  const source = text(bytes);
  const value = parse(source);
  need(value instanceof Map && canonical(value) === source, "not canonical");
  return value;
}

/**
 * Goes through the steps of a file. Yields `{step, name}` for each that holds, then either
 * `{step, name, wrong}` for the first that does not, or `{figures}`.
 */
export function* steps(bytes, trusted = null) {
  let value;
  try {
    value = read(bytes);
  } catch (error) {
    yield { step: "V1", name: "bundle", wrong: error.message };
    return;
  }
  const certified = value.get("format") === "onevisit-certificate/1";
  const draw = new Draw(certified ? value.get("bundle") : value);
  const parts = [["V", draw]];
  if (certified) parts.push(["L", new Log(value, draw, trusted)]);
  for (const [letter, part] of parts) {
    for (const [at, name] of part.constructor.STEPS.entries()) {
      const step = `${letter}${at + 1}`;
      try {
        part[name]();
      } catch (error) {
        yield { step, name, wrong: error.message };
        return;
      }
      yield { step, name };
    }
  }
  yield { figures: Object.assign({}, ...parts.map(([, part]) => part.figures())) };
}

/** The first wrong step of a file, or "ok". */
export function verdict(bytes) {
  for (const { step, wrong } of steps(bytes)) {
    if (wrong !== undefined) return step;
  }
  return "ok";
}
