import { BrikkError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';

const PLACE = /\{\{\s*([\w-]+(?:\.[\w-]+)*)\s*\}\}/g;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * The text with `{{ order.id }}` replaced by what the data has there, escaped where it becomes HTML; without data it stays
 * as it is. Fails `connector.validation` for what the data has not.
 */
export function fillTemplate(template: string, data: Json | undefined, kind: 'text' | 'html'): string {
  if (data === undefined) return template;
  return template.replace(PLACE, (_, path: string) => {
    const value = path.split('.').reduce<Json | undefined>(memberOf, data);
    if (value === undefined || value === null)
      throw new BrikkError('connector.validation', `data has no ${path}, which the template needs`);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return kind === 'html' ? text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign) : text;
  });
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (value as { [name: string]: Json })[name]
    : undefined;
