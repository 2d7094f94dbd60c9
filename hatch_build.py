from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShareHook(BuildHookInterface):
    """Ship notebooks/, templates/ and voila_apps/ in the wheel; an editable install reads the checkout."""

    def initialize(self, version, build_data):
        if version == "standard":
            for kind in ("notebooks", "templates", "voila_apps"):
                build_data["force_include"][kind] = f"xvlab/_share/{kind}"
