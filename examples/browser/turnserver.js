/*
 * Two players in web pages, over nothing but POSTs of one short line of text.
 *
 *     const game = await turnserver.pair("http://127.0.0.1:8192", "ann", {title: "my-game"});
 *     await game.send("any text");                       // done when the server has it
 *     for await (const text of game) console.log(text);  // ends when one of the two has left
 *     await game.quit();
 *
 * Every text arrives once and in order, whatever requests and replies get lost. The rules are those of docs/protocol.md.
 * This is a classic script and no module, so that a page which uses it may also be opened as a file.
 */
"use strict";

globalThis.turnserver = (() => {
  const HOLD_S = 15; // how long the server may hold a question to which there is no answer yet
  const REPLY_S = 5; // the longest time for a reply, beyond the hold
  const GIVE_UP_S = 60; // how long to repeat what gets no reply: a server that is started again takes its time
  const FIRST_REPLY_S = 5; // the same before the server has ever answered: perhaps the address is wrong
  const REST_S = 0.25; // the pause between questions that the server does not hold
  const PAUSE_S_MAX = 2; // the pauses between repeats grow up to this
  const REGISTRATIONS_MAX = 10; // a page that slept for too long, on a phone say, registers again
  const DATA_BYTES_MAX = 16384 - 56; // what one line holds beside its other fields
  const RESERVED = `account admin archive auth batch chat console create delete-character disconnect docs events guest
    healthz inbox initiate join login logout metrics openapi play queues readyz register reset-password rooms rpc
    static stats topics world-stats`.split(/\s+/); // paths that are no titles
  const WORDS = {
    5: "the server has ended the registration", 10: "the server has ended the registration",
    6: "the server does not take this name", 16: "the server does not take the partner's name",
    11: "the server is full", 12: "the server is full", 40: "there is no such place on the server",
    13: "the server does not know the game", 14: "the server does not know the game", 15: "the partner has left",
    17: "the partner went away before the game began", 30: "the session has ended",
  };

  /** What went wrong. `code` is the server's answer, such as "17/*", or "unreachable", "nonsense", "left". */
  class TurnserverError extends Error {
    constructor(code, words = WORDS[code.split("/")[0]] ?? `the server gave an unexpected answer, ${code}`) {
      super(words);
      this.name = "TurnserverError";
      this.code = code;
    }
  }

  /** A text as one line of data: %, |, ; and line breaks are written as %XX. */
  const encode = (text) => text.replace(/[%|;\r\n]/g, encodeURIComponent);

  /** The text again: runs of %XX are bytes of UTF-8, any other % stands for itself. */
  const decode = (data) => data.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder("utf-8", {ignoreBOM: true}).decode(
      Uint8Array.from(run.slice(1).split("%"), (two) => parseInt(two, 16))));

  /** The text, if it is so long and of whole characters. */
  function checked(text, bytesMax, words, pattern = /^/) {
    const length = new TextEncoder().encode(text).length;
    if (!length || length > bytesMax || /\p{Surrogate}/u.test(text) || !pattern.test(text)) throw new RangeError(words);
    return text;
  }

  const checkedName = (name) =>
    checked(name, 64, "a name has 1 to 64 bytes and no comma, and is not *", /^(?!\*$)[^,\r\n]+$/);

  function address(server, title) {
    if (!/^[\w-]{0,32}$/.test(title) || RESERVED.includes(title))
      throw new RangeError("a title has at most 32 letters, digits, - and _, and is not reserved");
    try {
      if (/^https?:\/\/[^\s/\\?#@][^\s?#@]*$/i.test(server)) return new URL(`${server.replace(/\/+$/, "")}/${title}`);
    } catch {} // no URL, such as one with a port of 99999
    throw new RangeError("a server's address looks like http://127.0.0.1:8192");
  }

  /** The way to a server. It posts one line at a time, again and again until the reply is heard. */
  class Line {
    #isKnown = false; #isClosed = false;
    wake = () => {}; // ends a hold or an idle rest: there is something to say

    constructor(url, notice = () => {}) {
      Object.assign(this, {url, notice});
    }

    /** Ask nothing more, and say a last word if there is one. It travels also while the page is being closed. */
    async close(farewell) {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.wake();
      for (let tries = 0; farewell && tries < 3; tries++) {
        const {isReply, retryAfterS = 0} = await this.#post(farewell, 0);
        if (isReply || retryAfterS > REPLY_S) return;
        await this.rest(Math.max(REST_S, retryAfterS));
      }
    }

    /** Wait, but not beyond `close`, nor beyond `wake` when idle. No text ends the pause before a repeat. */
    rest(seconds, isIdle = false) {
      return new Promise((done) => {
        const timer = setTimeout(done, 1000 * seconds);
        this.wake = () => (isIdle || this.#isClosed) && done(clearTimeout(timer));
      });
    }

    /** The reply to a line: {code, body, tookS}. The server may hold it for `waitS`; a repeat is answered at once. */
    async ask(line, waitS = 0) {
      const beganMs = performance.now();
      for (let pauseS = 0, silentS = 0; ; waitS = 0) {
        const postedMs = performance.now();
        const {isWoken, isReply, status, text, retryAfterS = 0} = this.#isClosed ? {} : await this.#post(line, waitS);
        if (this.#isClosed) throw new TurnserverError("left", "this player has left");
        if (isWoken) continue;
        if (isReply) {
          const [, code, body] = /^(\d+\/[^/]*)\/([^]*)$/.exec(text) ?? [];
          if (!code) throw new TurnserverError("nonsense", `this is no turnserver (HTTP status ${status})`);
          this.#isKnown = true;
          this.notice("");
          return {code, body, tookS: (performance.now() - beganMs) / 1000};
        }
        const words = status ? "the server is too busy" : "the server does not answer";
        const restS = Math.max(pauseS, retryAfterS);
        silentS += restS + Math.min((performance.now() - postedMs) / 1000, REPLY_S); // a page that slept was not silent
        if (silentS > (this.#isKnown ? GIVE_UP_S : FIRST_REPLY_S)) throw new TurnserverError("unreachable", words);
        this.notice(words);
        await this.rest(restS);
        pauseS = Math.min(2 * pauseS || 0.1, PAUSE_S_MAX);
      }
    }

    /** What comes back of one POST. It is plain text without headers of its own, so no preflight comes before it. */
    async #post(line, waitS) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), 1000 * (waitS + REPLY_S));
      this.wake = () => (waitS || this.#isClosed) && abort.abort("woken"); // what is not held is answered soon
      try {
        const how = {method: "POST", body: line, signal: abort.signal, keepalive: this.#isClosed};
        const response = await fetch(waitS ? `${this.url}?wait=${waitS}` : this.url, how);
        const {status, headers} = response;
        const isReply = status < 500 && status !== 408 && status !== 429;
        return {isReply, status, text: await response.text(), retryAfterS: Number(headers.get("Retry-After")) || 0};
      } catch {
        return {isWoken: abort.signal.reason === "woken"};
      } finally {
        clearTimeout(timer);
        this.wake = () => {};
      }
    }
  }

  /** A running game: `name`, `partner`, and `role`, "server" for one of the two and "client" for the other. */
  class Game {
    #line; #key; #player; #end;
    #counter = 0; // the number of the update under way, or of the next one
    #received = 0; // how many of the partner's updates have come
    #outbox = []; #inbox = []; #bells = []; // each loop that waits for texts has a bell
    #ring = () => this.#bells.splice(0).forEach((bell) => bell());

    constructor(line, key, player, found) {
      [this.#line, this.#key, this.#player] = [line, key, player];
      Object.assign(this, found);
      this.#play().catch((error) => this.#over(error));
    }

    /** Send a text that is not empty. Done when the server has it; the partner then gets it, once. */
    async send(text) {
      const data = checked(encode(text), DATA_BYTES_MAX, `a text has 1 to ${DATA_BYTES_MAX} bytes of whole characters`);
      if (this.#end) throw this.#end;
      await new Promise((done, failed) => {
        this.#outbox.push({data, done, failed});
        this.#line.wake();
      });
    }

    /** Each text as it comes, to one loop. Ends when a player has left, and throws if something else ended the game. */
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (this.#inbox.length) yield this.#inbox.shift();
        if (this.#end && !["15/*", "left"].includes(this.#end.code)) throw this.#end;
        if (this.#end) return;
        await new Promise((done) => this.#bells.push(done));
      }
    }

    /** Leave. What was sent reaches the partner; what it sends from now on is lost. */
    async quit() {
      this.#over(new TurnserverError("left", "this player has left"));
      await this.#line.close(this.#request(5, "*", this.#counter));
    }

    #over(error) {
      this.#end ??= error;
      for (const {failed} of this.#outbox.splice(0)) failed(this.#end);
      this.#ring();
    }

    #request(symbol, data, counter) {
      return `${symbol},${data},${this.#key},${this.#player},${counter}.${this.#received}`;
    }

    /** Send what is to be sent, else ask for news, one after the other, until an error ends the game. */
    async #play() {
      for (;;) {
        const sending = this.#outbox[0];
        const isPointless = await this.#update(sending?.data ?? "");
        if (sending) this.#outbox.shift()?.done();
        if (isPointless && !this.#outbox.length) await this.#line.rest(REST_S, true);
      }
    }

    /** Bring one update to the server, and take what comes. True if nothing was sent nor came, and nothing was held. */
    async #update(data) {
      for (let isBlocked = false; ; ) {
        const line = isBlocked ? this.#request(6, "", this.#counter - 1) : this.#request(6, data, this.#counter);
        const {code, body, tookS} = await this.#line.ask(line, data ? 0 : HOLD_S);
        const items = code === "0/9" || code === "0/11" ? body.split("|") : [];
        if (items.length || code === "0/10") {
          this.#received += items.length;
          for (const item of items) this.#inbox.push(decode(item));
          this.#ring();
          if (!isBlocked) {
            this.#counter += 1;
            return !data && !items.length && tookS < REST_S;
          }
          isBlocked = false;
        } else if (isBlocked && code === "18/*") {
          isBlocked = false; // a late copy of the update has found room: its repeat is told so
        } else if (!isBlocked && code === "21/*" && this.#counter > 0) {
          // The partner's buffer is full. A copy of the update may still be on its way, so nothing else ever travels
          // under its number: the number before, repeated, makes room on this side meanwhile.
          isBlocked = true;
          await this.#line.rest(REST_S);
        } else throw new TurnserverError(code);
      }
    }
  }

  /**
   * Find a partner, and begin a game.
   * partner: the name of the one wanted partner, who must want `name`; without it, anyone who wants anyone. title: only
   * players of the same title meet. signal: an AbortSignal that ends the search, which then throws the signal's reason.
   * notice: called with what is wrong with the way to the server, and with "" when all is well.
   */
  async function pair(server, name, {partner, title = "", signal, notice} = {}) {
    const wish = `0,${checkedName(name)},*,${partner ? checkedName(partner) : "*"},*`;
    const line = new Line(address(server, title), notice);
    let step = 0, key = "", found = {}, registrations = 0;
    const leave = () => line.close(key && `1,*,${key},*,*`);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", leave);
    try {
      for (;;) {
        const holdS = step === 2 || step === 4 ? HOLD_S : 0;
        const {code, body, tookS} = await line.ask(step ? `${step},*,${key},*,*` : wish, holdS);
        const seat = code === "0/8" && /^([\w-]+)\|([01])$/.exec(body);
        if (!step && code === "0/0") [step, key, registrations] = [2, body, registrations + 1];
        else if (step === 2 && (code === "0/3" || code === "0/4")) {
          found = {name, partner: body, role: code === "0/3" ? "server" : "client"};
          step = 3;
        } else if (step === 3 && (code === "0/5" || code === "0/6")) step = 4;
        else if (step === 4 && seat) return new Game(line, seat[1], seat[2], found);
        else if (step > 2 && code === "9/2") step = 2; // the partner is gone: look for another
        else if (step && (code === "5/*" || code === "10/*") && registrations < REGISTRATIONS_MAX) step = 0;
        else if (!["2 0/2", "2 9/2", "4 0/7"].includes(`${step} ${code}`)) throw new TurnserverError(code);
        else if (tookS < REST_S) await line.rest(REST_S - tookS);
      }
    } catch (error) {
      leave();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  return {pair, TurnserverError};
})();
