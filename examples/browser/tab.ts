import type { Browser, BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import { launchChromium } from './chromium.js';

/** Elements are named by CSS selectors, or as Playwright does: `text=Sign in`. */
export const actionSchema = z.union([
  z.strictObject({ fill: z.string(), with: z.string() }),
  z.strictObject({ click: z.string() }),
  z.strictObject({ wait: z.string().describe('Until it is seen.') }),
]);
export type Action = z.infer<typeof actionSchema>;

/** What outlives a browser: where it is, its cookies, and the local storage of each origin. */
export const savedTabSchema = z.object({
  url: z.string(),
  storage: z.object({ cookies: z.array(z.any()), origins: z.array(z.any()) }),
});
export type SavedTab = z.infer<typeof savedTabSchema>;

/** A page as it is read; at most 10,000 characters of its text. */
export interface ReadPage {
  url: string;
  title: string;
  text: string;
}

const MAX_TEXT = 10_000;

/** One tab of a browser of its own, so that nothing of it is left when it is closed. */
export class Tab {
  private constructor(
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    private readonly page: Page,
  ) {}

  /** As it was saved: at the same page, with cookies and local storage; an empty one when nothing was. */
  static async open(executablePath: string, saved?: SavedTab): Promise<Tab> {
    const browser = await launchChromium(executablePath);
    try {
      const context = await browser.newContext({ storageState: saved?.storage as never });
      const tab = new Tab(browser, context, await context.newPage());
      if (saved) await tab.goTo(saved.url);
      return tab;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async goTo(url: string): Promise<void> {
    await this.page.goto(url);
  }

  /** One after another; each waits for its element. */
  async act(actions: Action[], timeoutMs: number): Promise<void> {
    this.page.setDefaultTimeout(timeoutMs);
    for (const action of actions) {
      if ('fill' in action) await this.page.fill(action.fill, action.with);
      else if ('click' in action) await this.page.click(action.click);
      else await this.page.waitForSelector(action.wait);
    }
    await this.page.waitForLoadState();
  }

  async read(): Promise<ReadPage> {
    const text = await this.page.innerText('body');
    return { url: this.page.url(), title: await this.page.title(), text: text.slice(0, MAX_TEXT) };
  }

  async saved(): Promise<SavedTab> {
    return { url: this.page.url(), storage: await this.context.storageState() };
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
