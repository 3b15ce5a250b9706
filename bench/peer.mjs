// The load client of `bench/peer.py`: npm's midjourney, unmodified, asks for pictures over and over.
// Its folder is the first argument; what to do comes as JSON on stdin; one JSON line on stdout says what came of it.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const load = createRequire(join(process.argv[2], "package.json"));
const { Midjourney } = load("midjourney");
const Socket = load("isomorphic-ws");

const asked = JSON.parse(readFileSync(0, "utf8"));
console.log = console.error = console.warn = () => {}; // it prints every account's commands
const call = new AsyncLocalStorage();

// Discord takes interactions of a session that is connected; the package sends one that was once somebody's.
const sessionNoting = (config) =>
  class extends Socket {
    constructor(...given) {
      super(...given);
      const note = (data) => {
        const event = JSON.parse(data);
        if (event.t !== "READY") return;
        config().SessionId = event.d.session_id;
        this.off("message", note);
      };
      this.on("message", note);
    }
  };

const connected = async (account) => {
  let client = null;
  client = new Midjourney({
    ServerId: account.guild_id,
    ChannelId: account.channel_id,
    SalaiToken: account.token,
    DiscordBaseUrl: asked.api,
    WsBaseUrl: asked.gateway,
    ApiInterval: 0,
    WebSocket: sessionNoting(() => client.config),
  });
  const submit = client.MJApi.ImagineApi;
  client.MJApi.ImagineApi = (prompt, nonce) => {
    call.getStore().nonce = nonce;
    return submit.call(client.MJApi, prompt, nonce);
  };
  await client.Connect();
  return client;
};

const clients = await Promise.all(asked.accounts.map(connected));
const outcomes = [];
let running = true;

const line = async (client, number) => {
  for (let turn = 0; running; turn++) {
    const seen = { account: number % clients.length, began: performance.now() };
    const words = asked.same ? "the very same words" : `words ${number} ${turn}`;
    const picture = await call.run(seen, () => client.Imagine(words).catch(() => null));
    outcomes.push({ nonce: seen.nonce, account: seen.account, url: picture?.uri, ms: performance.now() - seen.began });
  }
};

for (let number = 0; number < asked.at_once; number++) line(clients[number % clients.length], number);
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
await pause(asked.warm_up);
const first = { at: performance.now(), cpu: process.cpuUsage() };
outcomes.length = 0;
await pause(asked.seconds);
const used = process.cpuUsage(first.cpu);
const told = { outcomes, seconds: (performance.now() - first.at) / 1000, cpu_ms: (used.user + used.system) / 1000 };
process.stdout.write(JSON.stringify(told), () => process.exit(0));
