// The build for strict content security policies: the same library, whose worker is a file of its own.
declare module "maplibre-gl/dist/maplibre-gl-csp.js" {
  import * as library from "maplibre-gl";
  export default library;
}

declare module "*?url" {
  const address: string;
  export default address;
}
