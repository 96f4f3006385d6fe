-- plain.lua: GET of a document, without credentials.
-- SPDX-License-Identifier: PostgreSQL
require "report"
