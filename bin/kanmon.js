#!/usr/bin/env node
// The command `kanmon`: in a checkout it first installs and builds what is missing.
import { setUp } from "../scripts/setup.js";

setUp();
const { main } = await import("../build/js/host/cli/main.js");
await main(process.argv.slice(2));
