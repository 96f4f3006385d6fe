// openapi_validator.mjs: is the document an OpenAPI description?  usage: node openapi_validator.mjs FILE
// SPDX-License-Identifier: PostgreSQL
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';

const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(process.argv[2], 'utf8')));
if (!result.valid) {
	console.log(JSON.stringify(result.errors, null, 1));
	process.exit(1);
}
validator.resolveRefs();
console.log(`valid ${validator.version}`);
