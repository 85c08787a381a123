import { describe, expect, it } from '@jest/globals';
import { fillTemplate } from './fill-template.js';

describe('a template of an e-mail', () => {
  const data = { order: { id: 42, of: '<Ada & Bob>' }, lines: ['a'] };
  it('takes what the data has, escaped where it is HTML', () => {
    const template = 'Order {{ order.id }} of {{order.of}}: {{lines.0}}';
    expect(fillTemplate(template, data, 'text')).toBe('Order 42 of <Ada & Bob>: a');
    expect(fillTemplate(template, data, 'html')).toBe('Order 42 of &lt;Ada &amp; Bob&gt;: a');
    expect(fillTemplate(template, undefined, 'text')).toBe(template);
  });

  it('needs all that it names', () => {
    expect(() => fillTemplate('{{order.total}}', data, 'text')).toThrow(/no order.total/);
    expect(() => fillTemplate('{{constructor}}', data, 'text')).toThrow(/no constructor/);
  });
});
