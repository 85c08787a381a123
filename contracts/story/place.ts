/** Where in a run something happened, as a reader names it. */
export interface Place {
  /** Steps, candidates, branches, items and tasks from the outside in: `['fix']`, `['items/3', 'triage']`. */
  names: string[];
  /** What of the path belongs to the pattern at that place: `['rounds', '1', 'voters', '0']`. */
  rest: string[];
  /** The place itself is one of many side by side: its path's parent, and its own name. */
  crowd?: { path: string; name: string };
  /** It lies behind the first few of a crowd, who stand for all. */
  isBeyond: boolean;
}

/** So many of a crowd are told of one by one. */
const SHOWN = 5;

/** Reads a path: `/items/3/steps/triage`, `/steps/fix/work/0192…`. */
export function placeOf(path: string): Place {
  const segments = path.split('/').filter((segment) => segment !== '');
  const place: Place = { names: [], rest: [], isBeyond: false };
  const [names, from] = namesOfTasks(segments);
  place.names.push(...names);
  for (let at = from; at < segments.length; at += 2) {
    const kind = segments[at] ?? '';
    const name = segments[at + 1];
    if (name === undefined || !KINDS.has(kind)) return { ...place, rest: segments.slice(at), crowd: undefined };
    if (TRIES.has(kind)) continue;
    place.crowd = undefined;
    if (kind === 'steps' || kind === 'candidates') place.names.push(name);
    else {
      const own = kind === 'tasks' ? name : `${kind}/${name}`;
      place.names.push(own);
      place.crowd = { path: `/${segments.slice(0, at).join('/')}`, name: own };
      place.isBeyond ||= Number(name) >= SHOWN;
    }
  }
  return place;
}

/** Names of the tasks of a definition that the path begins with, and where it goes on: `do/0/order/try/0/pay/2`. */
function namesOfTasks(segments: string[]): [names: string[], from: number] {
  const names: string[] = [];
  let at = 0;
  for (; segments[0] === 'do' && at < segments.length;) {
    const [list = '', index, name] = segments.slice(at, at + 3);
    if (LISTS.has(list) && name !== undefined && /^\d+$/.test(index ?? '')) {
      names.push(name);
      at += 3;
    } else if (AROUND_LISTS.has(list) || /^\d+$/.test(list)) at += 1;
    else break;
  }
  return [names, at];
}

/** What holds the tasks of a definition: index and name follow. */
const LISTS: ReadonlySet<string> = new Set(['do', 'try', 'branches']);
const AROUND_LISTS: ReadonlySet<string> = new Set(['fork', 'catch', 'foreach']);
/** Segments whose next one counts tries at the same place. */
const TRIES: ReadonlySet<string> = new Set(['plans', 'attempts', 'fallback', 'again', 'copies']);
/** Segments whose next one is a name, or a count of tries. */
const KINDS: ReadonlySet<string> = new Set(['steps', 'candidates', 'items', 'branches', 'tasks', ...TRIES]);
