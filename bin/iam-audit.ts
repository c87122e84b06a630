#!/usr/bin/env -S node --import tsx
