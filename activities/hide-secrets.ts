import type { ConnectionAuth } from '../contracts/connection-auth.js';
import type { Json } from '../contracts/json.js';

/** Shorter texts are no secrets of their own, and hiding them would tear other texts. */
const MIN_HIDDEN = 4;
/** In what others answer: shorter texts may stand there by themselves. */
const MIN_ECHOED = 8;
const USERNAME = 'username';

/** Takes the texts of these values out of a text, in every form in which a request carries them. */
export function hiding(values: Json[]): (text: string) => string {
  return hidingTexts(values.flatMap((value) => textsIn(value)).filter((text) => text.length >= MIN_HIDDEN));
}

/**
 * Takes them out of what somebody answers who was shown them, and repeats them. Names of users stay, since an answer may be
 * about them; and so do texts of less than 8 characters.
 */
export function hidingEchoes(values: Json[]): (answer: Json) => Json {
  const texts = values.flatMap((value) => textsIn(value, USERNAME)).filter((text) => text.length >= MIN_ECHOED);
  if (texts.length === 0) return (answer) => answer;
  const hide = hidingTexts(texts);
  return (answer) => mapTexts(answer, hide);
}

/** What of a credential is secret, as requests carry it. */
export function secretsOf(auth: ConnectionAuth): string[] {
  switch (auth.kind) {
    case 'none':
      return [];
    case 'bearer':
      return [auth.token];
    case 'apiKey':
      return [auth.key];
    case 'basic':
      return [auth.password, Buffer.from(`${auth.username}:${auth.password}`).toString('base64')];
    case 'signing':
      return [auth.secret];
    case 'oauth2':
      return [auth.clientSecret ?? '', auth.refreshToken ?? ''];
    case 'githubApp':
      return [auth.privateKey];
    case 'mtls':
      return [auth.key];
  }
}

/** Each text of a value, its names too, as the function has it. */
export const mapTexts = (value: Json, map: (text: string) => string): Json => {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [map(name), mapTexts(item, map)]));
};

function hidingTexts(texts: string[]): (text: string) => string {
  const forms = texts.flatMap((text) => [
    text,
    ...percentForms(text),
    JSON.stringify(text).slice(1, -1),
    // Of shorter texts other texts may hold the few characters.
    ...(text.length < MIN_ECHOED ? [] : base64Forms(text)),
  ]);
  const longestFirst = [...new Set(forms)].toSorted((left, right) => right.length - left.length);
  return (text) => longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), text);
}

/** As addresses and forms carry it; the digits may be in lower case, too (RFC 3986, 6.2.2.1). */
function percentForms(text: string): string[] {
  const forms = [encodeURIComponent(text), new URLSearchParams({ '': text }).toString().slice(1)];
  return forms.flatMap((form) => [form, form.replace(/%../g, (byte) => byte.toLowerCase())]);
}

/**
 * In both alphabets (RFC 4648), with and without its padding; and what does not depend on its neighbours where it stands inside of
 * something longer, after a number of bytes that three divides, or with one or two left.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const inside = [0, 1, 2].flatMap((before) => {
    const length = before + bytes.length;
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((length * 8) / 6)];
    const within = Buffer.concat([Buffer.alloc(before), bytes]);
    return [within.toString('base64').slice(from, to), within.toString('base64url').slice(from, to)];
  });
  return [bytes.toString('base64'), bytes.toString('base64url'), ...inside];
}

function textsIn(value: Json, except?: string): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => (name === except ? [] : textsIn(item, except)));
}
