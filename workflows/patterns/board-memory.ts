import type { BlackboardParams, BoardMemory } from '../../contracts/blackboard.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { Board, Entry, Write } from './board.js';
import { placeOf } from './board.js';
import type { Asking } from './board-deciders.js';
import { type BoardDocument, readDocument, type StoredEntry, writeDocument } from './board-document.js';
import type { BoardLog } from './board-log.js';
import { settle } from './board-merge.js';

/** Writers that come in between one after another; more than that is no board but a battlefield. */
const MAX_ATTEMPTS = 100;

interface Keeper {
  ctx: PatternContext;
  board: Board;
  log: BoardLog;
  params: BlackboardParams;
  memory: BoardMemory;
  asking: () => Asking;
}

/**
 * Keeps a board in the shared memory: loads it, and writes back what changed here with a compare-and-set. What others
 * wrote in between comes onto the board first; where both wrote, the pattern's rule for conflicts decides.
 */
export class BoardKeeper {
  private version = 0;
  private stored: BoardDocument = new Map();
  /** The board as it was when it last agreed with `stored`: each place's entry as `mark` names it. */
  private synced = new Map<string, string>();
  private writes = 0;

  constructor(private readonly keeper: Keeper) {}

  async load(): Promise<void> {
    const { board, ctx, memory } = this.keeper;
    await this.read();
    for (const entry of this.stored.values()) this.takeOver(entry);
    const scores = { version: this.version, entries: board.entries.length };
    ctx.decide({ what: 'memory', rule: 'load', scores, chosen: memory.key });
  }

  /** Writes back what changed since the last time. Goes on although the run was stopped: what is on the board is known. */
  async save(): Promise<void> {
    const { ctx, memory } = this.keeper;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const changed = this.changes();
      if (changed.length === 0) return;
      const document = this.withChanges(changed);
      const operation = `board/${(this.writes += 1)}`;
      const outcome = await ctx.memory.put(memory, operation, writeDocument(document), { ifVersion: this.version });
      if (outcome.written) {
        this.settleWith(document, outcome.version);
        const scores = { version: outcome.version, entries: document.size, changed: changed.length };
        ctx.decide({ what: 'memory', rule: 'compare-and-set', scores, chosen: memory.key });
        return;
      }
      if (outcome.reason !== 'conflict') return this.keeper.log.warn(`the board was not kept: ${outcome.message}`);
      await this.merge(changed);
    }
    this.keeper.log.warn(`the board was not kept: others wrote ${memory.key} ${MAX_ATTEMPTS} times in between`);
  }

  private async read(): Promise<void> {
    const { ctx, memory } = this.keeper;
    const found = await ctx.memory.get(memory);
    this.version = found?.version ?? 0;
    this.stored = found ? await readDocument(ctx, found.value) : new Map();
    const now = Date.now();
    for (const [place, { expiresAt }] of this.stored)
      if (expiresAt !== null && expiresAt <= now) this.stored.delete(place);
  }

  /** Places whose entry here is not what it was, or gone. */
  private changes(): string[] {
    const now = marksOf(this.keeper.board);
    const gone = [...this.synced.keys()].filter((place) => !now.has(place));
    return [...gone, ...[...now].flatMap(([place, mark]) => (this.synced.get(place) === mark ? [] : place))];
  }

  private withChanges(changed: readonly string[]): BoardDocument {
    const document = new Map(this.stored);
    const entries = entriesOf(this.keeper.board);
    for (const place of changed) {
      const entry = entries.get(place);
      if (!entry) document.delete(place);
      else document.set(place, this.describe(entry));
    }
    return document;
  }

  private describe(entry: Entry): StoredEntry {
    const { section, key, value, confidence, author, expiresAt } = entry;
    const { ctx } = this.keeper;
    const stamp = [ctx.memory.run.runId, ctx.path, mark(entry)].filter((part) => part !== '').join('/');
    return { section, key, value, confidence, author, expiresAt, stamp };
  }

  private settleWith(document: BoardDocument, version: number): void {
    this.stored = document;
    this.version = version;
    this.synced = marksOf(this.keeper.board);
  }

  /** What others changed comes onto the board; what both changed is settled there. */
  private async merge(changed: readonly string[]): Promise<void> {
    const { board, log, params } = this.keeper;
    const before = this.stored;
    await this.read();
    const own = entriesOf(board);
    for (const place of new Set([...before.keys(), ...this.stored.keys()])) {
      const theirs = this.stored.get(place);
      if (theirs?.stamp === before.get(place)?.stamp && theirs?.stamp !== '') continue;
      const ours = own.get(place);
      this.takeOver(theirs, place);
      if (!changed.includes(place) || (!ours && isOver(before.get(place)))) continue;
      const write = writeOf(ours, theirs ?? before.get(place));
      if (!write || !board.isContrary(write, -1, '')) continue;
      const author = ours?.author ?? 'cleaner';
      await settle({ ...this.keeper.asking(), params, log }, { id: 'memory', source: author }, write);
    }
  }

  /** Sections that this board does not have stay in the memory as they are. */
  private takeOver(theirs: StoredEntry | undefined, place = theirs ? placeOf(theirs) : ''): void {
    const { board, params } = this.keeper;
    const { sections } = params.board;
    const now = Date.now();
    if (theirs) {
      if (sections.length > 0 && !sections.some(({ name }) => name === theirs.section)) return;
      if (board.isFull() && !board.find(theirs.section, theirs.key)) return;
      const ttlMs = theirs.expiresAt === null ? null : Math.max(1, theirs.expiresAt - now);
      const { section, key, value, confidence, author } = theirs;
      board.adopt({ section, key, value, confidence, ttlMs, remove: false }, author, now);
    } else {
      const entry = entriesOf(board).get(place);
      if (entry) board.remove(entry, { author: 'memory', causedBy: 'memory', now });
    }
    const entry = entriesOf(board).get(place);
    if (entry) this.synced.set(place, mark(entry));
    else this.synced.delete(place);
  }
}

const mark = ({ id, version, confidence, expiresAt }: Entry): string => `${id}@${version}/${confidence}/${expiresAt}`;
const entriesOf = (board: Board) => new Map(board.entries.map((entry) => [placeOf(entry), entry]));
const marksOf = (board: Board) => new Map(board.entries.map((entry) => [placeOf(entry), mark(entry)]));

/** Nobody took it away: its time passed. */
const isOver = (entry: StoredEntry | undefined): boolean => {
  const { expiresAt = null } = entry ?? {};
  return expiresAt !== null && expiresAt <= Date.now();
};

/** What was done here to a place, as a write to what stands there now. */
function writeOf(ours: Entry | undefined, there: StoredEntry | undefined): Write | undefined {
  if (ours) {
    const { section, key, value, confidence, ttlMs } = ours;
    return { section, key, value, confidence, ttlMs, remove: false };
  }
  if (!there) return undefined;
  const { section, key, value } = there;
  return { section, key, value, confidence: null, ttlMs: null, remove: true };
}
