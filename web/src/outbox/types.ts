// What waits in the outbox, and what the server says to it. The server's side is gewu/surfaces/api/field.py.

export type Kind = "report" | "fix_on_spot" | "move";
export type Role = "before" | "after" | "scene" | "other";

/** A photo of an item. The bytes lie apart, by the hash of their content: the same photo is kept and sent once. */
export interface PhotoRef {
  hash: string;
  role: Role;
}

export interface Position {
  lon: number;
  lat: number;
}

/** What the command is; its fields are those of the REST addresses for new cases and moves. */
export interface Body {
  form: Record<string, unknown>;
  reason?: string;
  position?: Position;
  place?: string;
  case?: string;
  move?: string;
  version?: number;
  target?: number;
}

/** waiting: to be sent. sent: the record has it. refused, conflict: set aside for a person, with the answer. */
export type State = "waiting" | "sent" | "refused" | "conflict";

export interface Changed {
  title: string;
  at: string;
  who: string;
}

export interface Answer {
  id: string;
  seq: number;
  status: "accepted" | "replayed" | "refused" | "conflict" | "waiting";
  code?: string;
  detail?: string;
  case?: string;
  number?: string;
  version?: number;
  stage?: string;
  changed?: Changed[];
}

export interface Item {
  /** A UUIDv7 made here; the server knows the command by it, so sending it twice does it once. */
  id: string;
  person: string;
  device: string;
  seq: number;
  kind: Kind;
  body: Body;
  photos: PhotoRef[];
  /** When the person did it, in milliseconds since the epoch. */
  made_at: number;
  /** The item that has to be answered before this one. */
  after?: string;
  /** What the person reads in the list. */
  about: string;
  state: State;
  answer?: Answer;
  answered_at?: number;
  /** How often the server failed over this item alone. */
  faults: number;
}

export interface Photo {
  hash: string;
  type: string;
  bytes: ArrayBuffer;
}

export interface Batch {
  device: string;
  person: string;
  items: Array<Pick<Item, "id" | "seq" | "kind" | "photos" | "body"> & { made_at: string; after?: string }>;
}

export interface BatchAnswer {
  items: Answer[];
  /** Numbers of this device that never came. */
  missing?: number[];
}

/** The way to the server. Throws `Unreachable`, `LoginNeeded` or `Rejected`. */
export interface Transport {
  /** Which of these photos the server has. */
  known(hashes: string[]): Promise<string[]>;
  upload(photo: Photo): Promise<void>;
  send(batch: Batch): Promise<BatchAnswer>;
}

/** Nothing came back, or nothing that can be relied on. What was sent may have arrived. */
export class Unreachable extends Error {}

/** Nobody is logged in any more, or somebody else is. */
export class LoginNeeded extends Error {}

/** The server answered that it cannot take this; `fault` when the fault is its own. */
export class Rejected extends Error {
  readonly code: string;
  readonly fault: boolean;

  constructor(code: string, detail: string, fault: boolean) {
    super(detail);
    this.code = code;
    this.fault = fault;
  }
}

/** The browser has no room for it; nothing was kept of it and nothing else was given up. */
export class StorageFull extends Error {}

/** The browser keeps nothing for this page: a private window, or its owner forbade it. */
export class StorageRefused extends Error {}

/** Another page of ours holds the storage in another version. */
export class StorageHeld extends Error {}
