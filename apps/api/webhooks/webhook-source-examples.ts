import type { Json } from '../../../contracts/json.js';

/** Bodies of `POST /v1/webhook-sources`. */
export const SOURCE_EXAMPLES: Record<string, Json> = {
  github: {
    name: 'github',
    provider: 'github',
    routes: [
      {
        name: 'opened',
        when: '$headers["x-github-event"] == "issues" and .action == "opened"',
        action: 'start',
        workflow: 'support/triage',
        input: '{title: .issue.title, url: .issue.html_url}',
        correlationId: '"issue-\\(.issue.number)"',
      },
      {
        name: 'commented',
        when: '$headers["x-github-event"] == "issue_comment"',
        action: 'signal',
        correlationId: '"issue-\\(.issue.number)"',
        signal: 'comment',
        data: '.comment.body',
      },
      {
        name: 'labelled',
        when: '.action == "labeled" and .label.name == "urgent"',
        action: 'start',
        pattern: 'agent',
        with: { capability: 'triage', timeout: { total: 'PT1M' } },
        input: '{text: .issue.title}',
      },
    ],
  },
  shop: {
    name: 'shop',
    provider: 'hmac',
    secret: 'a-secret-that-the-shop-shows',
    hmac: {
      header: 'X-Shop-Signature',
      algorithm: 'sha256',
      encoding: 'base64',
      template: '{timestamp}.{body}',
      timestampHeader: 'X-Shop-Time',
      idHeader: 'X-Shop-Delivery',
    },
    routes: [{ action: 'event', type: 'com.example.order.paid', data: '.order', orderingKey: '.order.id' }],
  },
};
