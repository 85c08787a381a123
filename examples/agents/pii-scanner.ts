import { serveAgent } from '../../sdk/agent.js';
import { scanPii } from '../algorithms/pii.js';
import { textInput } from '../algorithms/text-input.js';

await serveAgent({
  name: 'pii-scanner',
  version: '1.0.0',
  description: 'Finds personal data (e-mail, phone, card, IBAN, IP, SSN) and redacts it.',
  capabilities: { 'pii-scanner': { input: textInput, handler: ({ text }) => scanPii(text) } },
});
