// The baseline of TokenizerBenchmark: HuggingFace's Rust core on one thread.
// node tokenize.js TOKENIZER_JSON TEXTS_JSON [ROUNDS]
// Without ROUNDS it obeys lines of its input: "ids" answers the ids of every text, "encode" encodes all texts once and answers their tokens.
// With ROUNDS it prints the CPU seconds of that many rounds, the best of five.
'use strict';
process.env.TOKENIZERS_PARALLELISM = 'false';
process.env.RAYON_NUM_THREADS = '1';
process.env.UV_THREADPOOL_SIZE = '1';
const fs = require('fs');
const zlib = require('zlib');
const readline = require('readline');
const { Tokenizer } = require('tokenizers');

const [tokenizerFile, textsFile, rounds] = process.argv.slice(2);
const bytes = fs.readFileSync(tokenizerFile);
const tokenizer = Tokenizer.fromString((tokenizerFile.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString());
tokenizer.disablePadding();
tokenizer.disableTruncation();
const texts = JSON.parse(fs.readFileSync(textsFile, 'utf8'));

const encode = () => tokenizer.encodeBatch(texts);
const count = encodings => encodings.reduce((sum, encoding) => sum + encoding.getLength(), 0);

async function obey() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const encodings = await encode();
    console.log(line === 'ids' ? JSON.stringify(encodings.map(encoding => encoding.getIds())) : count(encodings));
  }
}

async function measure() {
  let best = Infinity;
  let tokens = 0;
  for (let repeat = 0; repeat < 5; repeat++) {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round++) tokens = count(await encode());
    const used = process.cpuUsage(before);
    best = Math.min(best, (used.user + used.system) / 1e6);
  }
  console.log(`${tokens * rounds} tokens in ${best.toFixed(4)} s of CPU time: ${Math.round(tokens * rounds / best)} tokens a second`);
}

(rounds ? measure() : obey()).catch(error => {
  console.error(error);
  process.exit(1);
});
