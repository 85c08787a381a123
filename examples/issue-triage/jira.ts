import { createServer, type Server, type ServerResponse } from 'node:http';

interface Ticket {
  key: string;
  summary: string;
  labels: string[];
  comments: number;
}

/** As much of Jira Cloud (its API, version 3) as the example asks for: issues that are made, and comments on them. */
export class JiraStandIn {
  readonly tickets: Ticket[] = [];
  private readonly server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.answer(`${incoming.method} ${incoming.url}`, body === '' ? {} : JSON.parse(body), response);
    });
  });

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(asked: string, body: object, response: ServerResponse): void {
    const say = (status: number, said: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    const [, key] = /^POST \/rest\/api\/3\/issue\/([A-Z]+-\d+)\/comment/.exec(asked) ?? [];
    const ticket = this.tickets.find((one) => one.key === key);
    if (ticket) {
      ticket.comments += 1;
      say(201, { id: String(10_000 + ticket.comments), body: {} });
    } else if (asked === 'POST /rest/api/3/issue') {
      const { fields } = body as { fields: { project: { key: string }; summary: string; labels?: string[] } };
      const id = this.tickets.length + 1;
      const made = { key: `${fields.project.key}-${id}`, summary: fields.summary, labels: fields.labels ?? [] };
      this.tickets.push({ ...made, comments: 0 });
      say(201, { id: String(id), key: made.key, self: `http://127.0.0.1/rest/api/3/issue/${id}` });
    } else say(404, { errorMessages: ['There is no such thing here'], errors: {} });
  }
}
