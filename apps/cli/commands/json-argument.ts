import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { UserError } from '../user-error.js';

/** The value of an option: JSON itself, or `@file` with JSON or YAML in it. */
export function jsonArgument(option: string, text: string): unknown {
  if (text.startsWith('@')) return readDocument(text.slice(1));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${option} is not JSON; write JSON, or @file.json for a file that holds it.`, { cause });
  }
}

/** The same; of a `.jsonl` or `.ndjson` file the list of its lines, each JSON, empty ones left out. */
export function linesArgument(option: string, text: string): unknown {
  if (!/^@.*\.(jsonl|ndjson)$/i.test(text)) return jsonArgument(option, text);
  const file = text.slice(1);
  return readText(file)
    .split('\n')
    .flatMap((line, place) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line) as unknown];
      } catch (cause) {
        throw new UserError(`${file} is not JSON in line ${place + 1}; each line must hold one JSON value.`, { cause });
      }
    });
}

/** A JSON or YAML file. */
export function readDocument(file: string): unknown {
  const text = readText(file);
  const yaml = /\.ya?ml$/i.test(path.extname(file));
  try {
    return yaml ? parseYaml(text) : JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'unreadable';
    throw new UserError(`${file} is not ${yaml ? 'YAML' : 'JSON'}: ${reason}`, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UserError(`${file} cannot be read; check that the file is there and readable.`, { cause });
  }
}
