// The way to the server: three addresses of the REST interface, with the session of the pages.
import { LoginNeeded, Rejected, Unreachable, type Batch, type BatchAnswer, type Photo, type Transport } from "./types.ts";

const ROOT = "/api/v1/field";
/** A line that is half dead must not hold everything up. */
const PATIENCE = { ask: 30_000, upload: 180_000 };

export class Http implements Transport {
  private readonly language: string;

  constructor(language: string) {
    this.language = language;
  }

  async known(hashes: string[]): Promise<string[]> {
    return ((await this.ask(`${ROOT}/photos/known`, { hashes })) as { known: string[] }).known;
  }

  async upload(photo: Photo): Promise<void> {
    const form = new FormData();
    form.append("photo", new Blob([photo.bytes], { type: photo.type }), "photo");
    form.append("hash", photo.hash);
    await this.call(`${ROOT}/photos`, { method: "POST", body: form }, PATIENCE.upload);
  }

  async send(batch: Batch): Promise<BatchAnswer> {
    const found = (await this.ask(`${ROOT}/sync`, batch)) as BatchAnswer;
    if (!Array.isArray(found.items)) throw new Unreachable("not our server");
    return found;
  }

  /** What a page shows: an object of the server. */
  async read<T>(address: string): Promise<T> {
    const response = await this.call(address, {}, PATIENCE.ask);
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }

  /** A picture, through the permissions of its own address; undefined when it is gone or not to be seen. */
  async picture(address: string): Promise<{ bytes: ArrayBuffer; type: string } | undefined> {
    const response = await this.fetch(address, {}, PATIENCE.ask);
    if (response.redirected) throw new LoginNeeded("");
    const type = response.headers.get("Content-Type") ?? "";
    if (response.status === 403 || response.status === 404) return undefined;
    if (!response.ok || !type.startsWith("image/")) throw new Unreachable(`${response.status}`);
    try {
      return { bytes: await response.arrayBuffer(), type };
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }

  private async ask(address: string, body: unknown): Promise<unknown> {
    const options = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    const response = await this.call(address, options, PATIENCE.ask);
    try {
      return await response.json();
    } catch (error) {
      throw new Unreachable(String(error)); // cut off half way
    }
  }

  private async fetch(address: string, options: RequestInit, patience: number): Promise<Response> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      return await fetch(address, {
        ...options,
        signal: stop.signal,
        credentials: "same-origin",
        headers: { ...options.headers, "X-CSRFToken": cookie("gewu_csrf"), "Accept-Language": this.language },
      });
    } catch (error) {
      throw new Unreachable(String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private async call(address: string, options: RequestInit, patience: number): Promise<Response> {
    const response = await this.fetch(address, options, patience);
    if (response.ok) return response;
    const problem = await told(response);
    if (problem === undefined) throw new Unreachable(`${response.status}`); // not our server: a hotel's login page
    if (response.status === 401 || OTHER_LOGIN.has(problem.code)) throw new LoginNeeded(problem.detail);
    if (response.status === 429 || response.status === 503) throw new Unreachable(problem.detail);
    throw new Rejected(problem.code, problem.detail, response.status >= 500);
  }
}

const OTHER_LOGIN = new Set(["csrf", "no_post", "other_person"]);

async function told(response: Response): Promise<{ code: string; detail: string } | undefined> {
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/problem+json")) return undefined;
  try {
    const { code, detail, errors } = (await response.json()) as { code: string; detail: string; errors?: Array<{ message: string }> };
    return { code, detail: errors?.length ? errors.map((one) => one.message).join(" ") : detail };
  } catch {
    return undefined;
  }
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
