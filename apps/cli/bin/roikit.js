#!/usr/bin/env node
// A file that is there before the build, so that package managers can link the command at install time.
import '../dist/main.js';
