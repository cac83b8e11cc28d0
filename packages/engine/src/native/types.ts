/** Options of `installNative` and `planNativeInstall`. */
export interface NativeInstallOptions {
  /**
   * Where libtensorflow comes from: `wheel`, the current TensorFlow's Python package, through pip; or `stock`, the
   * script of `@tensorflow/tfjs-node`, which has TensorFlow 2.9 and a ready addon. Default `wheel`: it is current, and
   * one download with a published hash.
   */
  from?: 'wheel' | 'stock';
  /** `gpu` takes the wheel that was built for CUDA; the driver and CUDA's libraries are up to you. Default `cpu`. */
  device?: 'cpu' | 'gpu';
  /** The Python whose pip finds and downloads the wheel; its version does not matter. Default `python3`. */
  python?: string;
  /** Where the libraries are kept. Default: the user's cache folder. */
  cacheFolder?: string;
  /** Stops downloads and compilers; what was half done is removed. */
  signal?: AbortSignal;
  /** Hears each step, and bytes as they come. */
  onProgress?: (event: NativeInstallEvent) => void;
}

/** What `installNative` is about to do. */
export interface NativeInstallPlan {
  from: 'wheel' | 'stock';
  /** One sentence for each thing that will happen, in order. */
  steps: string[];
  /** Bytes to download; 0 when all is in the cache, undefined when the server does not say. */
  downloadBytes: number | undefined;
  /** Bytes on the disk afterwards. */
  diskBytes: number;
  /** Folder of the npm package that gets the addon. */
  packageFolder: string;
  /** Folder of the libraries. */
  libraryFolder: string;
}

/** Progress of `installNative`, in this order. */
export type NativeInstallEvent =
  | { type: 'plan'; plan: NativeInstallPlan }
  | { type: 'download'; bytes: number; total: number | undefined }
  | { type: 'verify'; file: string }
  | { type: 'unpack'; bytes: number; total: number }
  | { type: 'build'; line: string }
  | { type: 'check'; line: string };

/** What `installNative` leaves. */
export interface NativeInstallation {
  /** False when everything was there already. */
  installed: boolean;
  /** Version that libtensorflow itself reports. */
  tensorflow: string;
  packageFolder: string;
  libraryFolder: string;
}
