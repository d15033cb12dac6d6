-- leave: a worker process ends, as it was asked to.

forget(args.worker)
