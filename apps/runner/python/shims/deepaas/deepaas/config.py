"""`CONF` as models read it: the options of DEEPaaS with their defaults. Setting them does not change Millrace."""

opts = []


class _Conf:
    """The options by name. An option that a model registers itself has the default that the model gives."""

    def __init__(self, **options):
        self.__dict__.update(options)

    def __getitem__(self, name):
        return self.__dict__[name]

    def __contains__(self, name):
        return name in self.__dict__

    def get(self, name, default=None):
        return self.__dict__.get(name, default)

    def register_opt(self, opt, group=None):
        self.__dict__.setdefault(opt.dest, opt.default)

    def register_opts(self, options, group=None):
        for opt in options:
            self.register_opt(opt, group)

    register_cli_opt = register_opt
    register_cli_opts = register_opts


CONF = _Conf(
    base_path="",
    client_max_size=0,
    debug=False,
    debug_endpoint=False,
    doc_endpoint=True,
    listen_ip="127.0.0.1",
    listen_port=5000,
    model_name=None,
    predict_endpoint=True,
    train_endpoint=True,
    warm=True,
    workers=1,
)
