// The page of the demo. Text from documents only ever becomes textContent, never markup.
"use strict";

const $ = id => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const page = { asking: null, lost: false };

/** Makes an element with properties and children; a string child becomes text. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(n, one, many = one + "s") {
  return `${number.format(n)} ${n === 1 ? one : many}`;
}

/** Fetches JSON; a problem becomes an error with the server's own words. */
async function fetchJson(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The program does not answer. See whether it still runs in its terminal, then try again.");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) throw new Error(body?.detail ?? `The program answered with status ${response.status}.`);
  return body;
}

function showError(message) {
  $("error").textContent = message;
  $("error").hidden = !message;
}

// ---- Progress ----

async function watch() {
  let status;
  try {
    status = await fetchJson("api/status");
  } catch (error) {
    page.lost = true;
    showError(error.message);
    setTimeout(watch, 3000);
    return;
  }
  if (page.lost) showError("");
  page.lost = false;

  $("facts").replaceChildren(...[count(status.documents, "document"), count(status.passages, "passage"), status.model]
    .filter(Boolean).map(fact => element("li", {}, fact)));
  $("indexing").hidden = !status.isIndexing;
  if (status.isIndexing) {
    $("progress").max = Math.max(1, status.passagesTotal);
    $("progress").value = status.passagesDone;
    $("indexing-text").textContent =
      `Reading your documents: ${number.format(status.passagesDone)} of ${count(status.passagesTotal, "passage")}. You can ask already.`;
    setTimeout(watch, 300);
  }
  if ($("example-list").childElementCount === 0) {
    $("example-list").append(...status.examples.map(example =>
      element("li", {}, element("button", { type: "button", onclick: () => submit(example) }, example))));
    $("examples").hidden = status.examples.length === 0;
  }
}

// ---- Asking ----

function submit(question) {
  $("question").value = question;
  const url = new URL(location.href);
  if (question.trim()) url.searchParams.set("q", question);
  else url.searchParams.delete("q");
  if (url.href !== location.href) history.pushState(null, "", url);
  ask(question);
}

async function ask(question) {
  page.asking?.abort();
  const asking = page.asking = new AbortController();
  showError("");
  $("passages").hidden = true;
  $("result").hidden = false;
  $("result").setAttribute("aria-busy", "true");
  $("answer").className = "answer busy";
  $("answer").replaceChildren(element("p", {}, "Reading …"));
  try {
    const result = await fetchJson(`api/ask?q=${encodeURIComponent(question)}`, asking.signal);
    document.title = `${question} · Ask your documents`;
    document.body.classList.add("asked");
    $("answer").className = "answer";
    $("answer").replaceChildren(...answerOf(result));
    $("passage-list").replaceChildren(...result.passages.map(passage =>
      passageItem(passage, result.quotes.some(quote => quote.number === passage.number))));
    $("passages").hidden = result.passages.length === 0;
    $("passages-note").textContent = `${count(result.passagesSearched, "passage")} searched in ${number.format(result.milliseconds)} ms`;
  } catch (error) {
    if (error.name === "AbortError") return;
    $("result").hidden = true;
    showError(error.message);
    $("question").focus();
  } finally {
    if (page.asking === asking) $("result").setAttribute("aria-busy", "false");
  }
}

function answerOf(result) {
  const numbers = [...new Set(result.quotes.map(quote => quote.number))];
  const parts = numbers.map(n => {
    const passage = result.passages[n - 1];
    const quotes = result.quotes.filter(quote => quote.number === n).map(quote => element("blockquote", {}, quote.text));
    const cite = element("button", { type: "button", className: "cite", onclick: () => openSource(passage) },
      element("span", { className: "number" }, String(n)),
      element("span", {}, `${passage.title} · ${passage.source}`));
    cite.setAttribute("aria-label", `Source ${n}: ${passage.title}, ${passage.source}. Open it.`);
    return element("div", { className: "quote" }, ...quotes, cite);
  });
  if (parts.length === 0) {
    parts.push(
      element("p", { className: "unsure" }, result.passagesSearched === 0 ? "There is nothing to search yet." : "Your documents do not seem to answer this."),
      element("p", {}, result.passagesSearched === 0
        ? "Ask again in a moment, when the first documents have been read."
        : "No sentence comes near enough to the question to be quoted. Try other words, or look at the nearest passages below."));
  }
  if (result.isIndexing && result.passagesSearched > 0) {
    parts.push(element("p", { className: "note" },
      `Indexing is still under way: this rests on the ${count(result.passagesSearched, "passage")} read so far. Ask again when it has finished.`));
  }
  return parts;
}

function passageItem(passage, isQuoted) {
  const bar = element("i");
  bar.style.width = `${Math.max(0, Math.min(1, passage.score)) * 100}%`;
  const score = element("p", { className: "score", title: "Cosine of the passage and the question; 1 is the same meaning" },
    element("span", { className: "bar", ariaHidden: "true" }, bar),
    element("span", { className: "visually-hidden" }, "Score "), passage.score.toFixed(2));
  const open = element("button", { type: "button", onclick: () => openSource(passage) }, "Open the source");
  open.setAttribute("aria-label", `Open the source of passage ${passage.number}: ${passage.title}`);
  return element("li", { className: isQuoted ? "quoted" : "" },
    element("div", { className: "passage-head" },
      element("span", { className: "number", ariaHidden: "true" }, String(passage.number)), element("h3", {}, passage.title), score),
    element("p", { className: "passage-text" }, ...marked(passage.text, passage.marks)),
    element("div", { className: "passage-foot" }, element("p", {}, passage.source), open));
}

/** Text with ranges marked; they do not overlap, and are in order. */
function marked(text, marks) {
  const parts = [];
  let done = 0;
  for (const { start, length } of marks) {
    parts.push(text.slice(done, start), element("mark", {}, text.slice(start, start + length)));
    done = start + length;
  }
  return [...parts, text.slice(done)];
}

// ---- The source ----

async function openSource(passage) {
  $("source-title").textContent = passage.source;
  $("source-path").textContent = "";
  $("source-text").replaceChildren(element("p", {}, "Opening …"));
  if (!$("source").open) $("source").showModal();
  try {
    const source = await fetchJson(`api/document?source=${encodeURIComponent(passage.source)}`);
    $("source-title").textContent = source.title;
    $("source-path").textContent = source.source;
    // The file may have changed since it was read: then the passage is looked for, and marked only where it is found.
    const start = source.text.startsWith(passage.text, passage.start) ? passage.start : source.text.indexOf(passage.text);
    $("source-text").replaceChildren(...documentOf(source.text, passage, start));
    const here = $("source-text").querySelector("mark") ?? $("source-text").querySelector(".here");
    here?.scrollIntoView({ block: "center" });
    $("source-text").focus({ preventScroll: true });
  } catch (error) {
    $("source-text").replaceChildren(element("p", { className: "message" }, error.message));
  }
}

/** The whole document: headings, paragraphs, the passage set apart and its sentences marked. */
function documentOf(text, passage, start) {
  const blocks = text.matchAll(/^(#{1,6})[ \t]+.*$|(?:^(?!#{1,6}[ \t])[^\n]*\S[^\n]*(?:\n|$))+/gm);
  return [...blocks].map(block => {
    const hashes = block[1] ? block[0].match(/^#+[ \t]+/)[0].length : 0;
    const from = block.index + hashes;
    const shown = block[0].slice(hashes).trimEnd();
    const to = from + shown.length;
    const isHere = start >= 0 && from < start + passage.text.length && to > start;
    const marks = !isHere ? [] : passage.marks
      .map(mark => [Math.max(from, start + mark.start), Math.min(to, start + mark.start + mark.length)])
      .filter(([low, high]) => low < high)
      .map(([low, high]) => ({ start: low - from, length: high - low }));
    return element(block[1]?.length === 1 ? "h3" : block[1] ? "h4" : "p", { className: isHere ? "here" : "" }, ...marked(shown, marks));
  });
}

// ---- Start ----

$("form").addEventListener("submit", event => {
  event.preventDefault();
  submit($("question").value);
});
$("source-close").addEventListener("click", () => $("source").close());
$("source").addEventListener("click", event => {
  if (event.target === $("source")) $("source").close(); // a click beside the panel
});
window.addEventListener("popstate", start);

function start() {
  const question = new URLSearchParams(location.search).get("q");
  $("question").value = question ?? "";
  if (question) return ask(question);
  page.asking?.abort();
  showError("");
  $("result").hidden = $("passages").hidden = true;
  document.body.classList.remove("asked");
  document.title = "Ask your documents";
}

start();
watch();
