/** Whether this browser draws maps: old phones and some virtual desktops do not, and keep the drawing of the server. */
export function drawsMaps(): boolean {
  if (!("Worker" in window)) return false;
  try {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    // Browsers allow few of these at a time: this one is given back.
    pen?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(pen);
  } catch {
    return false;
  }
}
