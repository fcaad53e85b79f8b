// Maps of pages: every element with `data-island="map"` gets its live map when it comes into sight (docs/maps.md).
// Where none can be made the drawing of the server stays.
import { drawsMaps } from "./webgl.ts";

async function start(figure: HTMLElement): Promise<void> {
  if (figure.dataset["state"]) return;
  figure.dataset["state"] = "loading";
  try {
    const { open } = await import("./engine.ts");
    if (!(await open(figure))) figure.dataset["state"] = "fallback";
  } catch (error) {
    figure.dataset["state"] = "fallback";
    console.error(error);
  }
}

const able = drawsMaps();

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    void start(target as HTMLElement);
  }
}, { rootMargin: "200px" });

for (const figure of document.querySelectorAll<HTMLElement>("[data-island=map]:not([data-state])")) {
  if (able) sight.observe(figure);
  else figure.dataset["state"] = "fallback";
}
