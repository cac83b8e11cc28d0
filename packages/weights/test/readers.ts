// Readers are loaded when their first file is met. Mutation testing asks which tests reach a line: here it is all.
import '../src/readHdf5';
import '../src/readTfjs';
import '../src/readZip';
import '../src/safetensors';
