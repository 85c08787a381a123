import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import { define, inline, plain } from '../lib/values.js';
import { canonical } from './canonical.js';

/** More would make every look at the board slow. */
export const MAX_ENTRIES = 2_000;

export interface Entry {
  /** Stays the same over versions. */
  id: string;
  section: string;
  key: string;
  value: Value;
  confidence: number | null;
  author: string;
  version: number;
  /** The activation that wrote this version. */
  causedBy: string;
  ttlMs: number | null;
  expiresAt: number | null;
  /** Sources that gave this value, the author first. */
  supportedBy: string[];
}

export interface Write {
  section: string;
  key: string;
  value: Value;
  confidence: number | null;
  ttlMs: number | null;
  remove: boolean;
}

/** Who writes, by which activation, when (milliseconds since the epoch). */
export interface Origin {
  author: string;
  causedBy: string;
  now: number;
}

interface Change {
  revision: number;
  author: string;
  causedBy: string;
  version: number;
  id: string;
}

/** The shared board. Every change of a value counts `revision` up; iteration follows the order of first writing. */
export class Board {
  revision = 0;
  private readonly standing = new Map<string, Entry>();
  /** The last change of each place; it stays when the entry goes, so that versions only ever grow. */
  private readonly changes = new Map<string, Change>();
  private ids = 0;
  private seen?: { revision: number; view: Value };

  get entries(): Entry[] {
    return [...this.standing.values()];
  }

  find(section: string, key: string): Entry | undefined {
    return this.standing.get(placeOf({ section, key }));
  }

  /** Whether there is room for a new entry. */
  isFull(): boolean {
    return this.standing.size >= MAX_ENTRIES;
  }

  /** Whether someone else changed the place after `revision`. */
  hasChanged(place: { section: string; key: string }, revision: number, causedBy: string): boolean {
    const last = this.changes.get(placeOf(place));
    return last !== undefined && last.revision > revision && last.causedBy !== causedBy;
  }

  /** Whether someone else changed the place after `revision` in another way than the write would. */
  isContrary(write: Write, revision: number, causedBy: string): boolean {
    if (!this.hasChanged(write, revision, causedBy)) return false;
    const entry = this.find(write.section, write.key);
    if (write.remove) return entry !== undefined;
    return entry === undefined || !sameValue(entry.value, write.value);
  }

  /** Applies the write. A value that already stands is not changed by it but supported. */
  apply(write: Write, origin: Origin): Entry | undefined {
    const known = this.find(write.section, write.key);
    if (write.remove) {
      if (known) this.remove(known, origin);
      return known;
    }
    const same = this.family(write).find((entry) => sameValue(entry.value, write.value));
    if (same) return this.support(same, write, origin);
    this.withdraw(write, origin.author);
    return this.place(write, origin);
  }

  /** Applies the write beside the entry that stands, under the next free key: `key~2`, `key~3`. */
  applyBeside(write: Write, origin: Origin): Entry | undefined {
    let copy = 2;
    while (this.find(write.section, `${write.key}~${copy}`)) copy += 1;
    const same = this.family(write).find((entry) => sameValue(entry.value, write.value));
    if (same) return this.support(same, write, origin);
    this.withdraw(write, origin.author);
    return this.place({ ...write, key: `${write.key}~${copy}` }, origin);
  }

  /** Puts an entry of another run onto the board: a change by `memory`, under the author that it has there. */
  adopt(write: Write, author: string, now: number): void {
    const known = this.find(write.section, write.key);
    if (known && sameValue(known.value, write.value)) return;
    const entry = this.place(write, { author: 'memory', causedBy: 'memory', now });
    Object.assign(entry, { author, supportedBy: [author] });
  }

  remove(entry: Entry, { author, causedBy }: Origin): void {
    this.standing.delete(placeOf(entry));
    this.note(entry, { author, causedBy, version: entry.version + 1 });
  }

  /** Takes away what has outlived its time. */
  expire(now: number): Entry[] {
    const gone = this.entries.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now);
    for (const entry of gone) this.remove(entry, { author: 'ttl', causedBy: 'ttl', now });
    return gone;
  }

  /** `id@version` of what changed after `revision`, by others than `except`. */
  changesSince(revision: number, except: readonly string[] = []): string[] {
    if (this.revision <= revision) return [];
    const later = [...this.changes.values()].filter((change) => change.revision > revision);
    return later.filter(({ author }) => !except.includes(author)).map(({ id, version }) => `${id}@${version}`);
  }

  /** Values by section and key: what expressions and agents read. */
  view(): Value {
    if (this.seen?.revision === this.revision) return this.seen.view;
    const sections: Record<string, Value> = {};
    for (const { section, key, value } of this.standing.values()) {
      const known = Object.hasOwn(sections, section) ? sections[section] : undefined;
      const fields = known && 'object' in known ? known.object : {};
      define(fields, key, value);
      define(sections, section, { object: fields });
    }
    const view: Value = { object: sections };
    this.seen = { revision: this.revision, view };
    return view;
  }

  /** The entries with everything that is known of them. */
  list(): Value {
    return { list: this.entries.map(describeEntry) };
  }

  private family({ section, key }: Write): Entry[] {
    const own = this.find(section, key);
    const entries = own ? [own] : [];
    for (let copy = 2; ; copy += 1) {
      const beside = this.find(section, `${key}~${copy}`);
      if (!beside) return entries;
      entries.push(beside);
    }
  }

  private support(entry: Entry, write: Write, { author, now }: Origin): Entry {
    this.withdraw(write, author, entry);
    if (!entry.supportedBy.includes(author)) entry.supportedBy.push(author);
    if (write.confidence !== null && write.confidence > (entry.confidence ?? -1)) entry.confidence = write.confidence;
    if (write.ttlMs !== null) Object.assign(entry, { ttlMs: write.ttlMs, expiresAt: now + write.ttlMs });
    return entry;
  }

  /** A source stands behind one value of a place. */
  private withdraw(write: Write, author: string, kept?: Entry): void {
    for (const entry of this.family(write))
      if (entry !== kept) entry.supportedBy = entry.supportedBy.filter((name) => name !== author);
  }

  private place(write: Write, { author, causedBy, now }: Origin): Entry {
    const place = placeOf(write);
    const last = this.changes.get(place);
    const { section, key, value, confidence, ttlMs } = write;
    const entry: Entry = {
      id: last?.id ?? `e${(this.ids += 1)}`,
      section,
      key,
      value,
      confidence,
      author,
      version: (last?.version ?? 0) + 1,
      causedBy,
      ttlMs,
      expiresAt: ttlMs === null ? null : now + ttlMs,
      supportedBy: [author],
    };
    this.standing.set(place, entry);
    this.note(entry, { author, causedBy, version: entry.version });
    return entry;
  }

  private note(entry: Entry, change: Pick<Change, 'author' | 'causedBy' | 'version'>): void {
    this.revision += 1;
    this.changes.set(placeOf(entry), { ...change, revision: this.revision, id: entry.id });
  }
}

/** Where an entry stands. Names of sections have no slash. */
export const placeOf = ({ section, key }: { section: string; key: string }): string => `${section}/${key}`;

/** An entry as agents and readers see it. */
export function describeEntry({ value, supportedBy, ...entry }: Entry): Value {
  const { id, section, key, confidence, author, version, causedBy, ttlMs } = entry;
  const known: Record<string, Json> = { id, section, key, confidence, author, version, causedBy, ttlMs };
  const fields = Object.entries(known).map(([name, field]) => [name, inline(field)] as const);
  // A copy: the board goes on adding supporters.
  return { object: { ...Object.fromEntries(fields), supportedBy: inline([...supportedBy]), value } };
}

function sameValue(one: Value, other: Value): boolean {
  const [left, right] = [plain(one), plain(other)];
  if (left !== undefined && right !== undefined) return canonical(left) === canonical(right);
  return 'ref' in one && 'ref' in other && one.ref === other.ref && one.index === other.index;
}
