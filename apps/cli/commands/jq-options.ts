import type { Json } from '../../../contracts/json.js';
import { UserError } from '../user-error.js';

export interface JqOptions {
  program: string;
  file: string | undefined;
  /** -n: the input is null, nothing is read. */
  noInput: boolean;
  /** -r: texts are printed as they are. */
  raw: boolean;
  /** -c: a line a value. */
  compact: boolean;
  /** -s: all inputs as one list. */
  slurp: boolean;
  variables: Record<string, Json>;
}

const FLAGS: Record<string, 'noInput' | 'raw' | 'compact' | 'slurp'> = {
  n: 'noInput',
  r: 'raw',
  c: 'compact',
  s: 'slurp',
  'null-input': 'noInput',
  'raw-output': 'raw',
  'compact-output': 'compact',
  slurp: 'slurp',
};

/** Reads arguments as jq does: flags anywhere, short ones joined, `--arg name text`, `--argjson name json`. */
export function jqOptions(args: readonly string[]): JqOptions {
  const flags = { noInput: false, raw: false, compact: false, slurp: false };
  const variables: Record<string, Json> = {};
  const others: string[] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') others.push(...rest.splice(0));
    else if (word === '--arg' || word === '--argjson') {
      const [name, value] = rest.splice(0, 2);
      if (name === undefined || value === undefined) throw new UserError(`${word} needs a name and a value.`);
      if (!/^[A-Za-z_]\w*$/.test(name)) throw new UserError(`${word} ${name}: the name of a variable has no $.`);
      variables[name] = word === '--arg' ? value : jsonOf(name, value);
    } else if (word.startsWith('--')) flags[flagOf(word, word.slice(2))] = true;
    else if (/^-[A-Za-z]/.test(word)) for (const letter of word.slice(1)) flags[flagOf(word, letter)] = true;
    else others.push(word);
  }
  const [program, file, ...further] = others;
  if (program === undefined) throw new UserError("A program is missing, such as: brikk jq '.a' file.json");
  if (further.length > 0) throw new UserError(`One file at most: ${further.join(', ')} is too much.`);
  return { program, file, variables, ...flags };
}

function flagOf(word: string, name: string): (typeof FLAGS)[string] {
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (flag) return flag;
  throw new UserError(`${word} is not known; allowed: -n -r -c -s --arg <name> <text> --argjson <name> <json>.`);
}

function jsonOf(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new UserError(`--argjson ${name} is not JSON.`, { cause });
  }
}
