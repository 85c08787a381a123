import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body>${body}</body></html>`;

const SIGN_IN = page(
  'Sign in',
  '<form method="post" action="/sign-in"><input id="name" name="name"><button id="enter">Sign in</button></form>',
);

/** The basket is in the local storage of the browser, who is signed in in a cookie: both are needed for an order. */
const shelf = (name: string) =>
  page(
    'The shelf',
    `<h1>Welcome, ${name}</h1><button id="tea">Tea</button><button id="order">Order</button><p id="basket"></p><script>
      const basket = () => JSON.parse(localStorage.getItem('basket') ?? '[]');
      const show = () => (document.getElementById('basket').textContent = 'Basket: ' + basket().join(', '));
      document.getElementById('tea').onclick = () => {
        localStorage.setItem('basket', JSON.stringify([...basket(), 'tea']));
        show();
      };
      document.getElementById('order').onclick = async () => {
        const made = await fetch('/orders', { method: 'POST', body: JSON.stringify(basket()) });
        location.href = await made.text();
      };
      show();
    </script>`,
  );

/** A small shop on loopback. Whoever orders waits until `beforeOrder` resolves; the order is made then, unless they are gone. */
export class Shop {
  readonly orders: { name: string; items: string[] }[] = [];
  private readonly names = new Map<string, string>();
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch(() => response.writeHead(500).end());
  });

  constructor(private readonly beforeOrder: () => Promise<void>) {}

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const html = (text: string) => response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    const visitor = /visitor=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const name = this.names.get(visitor);
    if (request.url === '/sign-in') {
      const id = randomUUID();
      this.names.set(id, (new URLSearchParams(body).get('name') ?? '').replace(/\W/g, ''));
      const headers = { location: '/shelf', 'set-cookie': `visitor=${id}; Max-Age=3600; HttpOnly; Path=/` };
      return void response.writeHead(303, headers).end();
    }
    if (name === undefined) return void html(SIGN_IN);
    if (request.url !== '/orders') return void html(this.orderAt(request.url) ?? shelf(name));
    await this.beforeOrder();
    if (request.socket.destroyed) return;
    this.orders.push({ name, items: JSON.parse(body) as string[] });
    response.end(`/orders/${this.orders.length}`);
  }

  private orderAt(url = ''): string | undefined {
    const number = Number(/^\/orders\/(\d+)$/.exec(url)?.[1]);
    const order = this.orders[number - 1];
    return (
      order && page(`Order ${number}`, `<h1 id="made">Order ${number} of ${order.name}</h1>${order.items.join(', ')}`)
    );
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}
