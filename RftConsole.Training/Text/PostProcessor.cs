namespace RftConsole.Training.Text;

/// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>: the special tokens that it puts before and after a text.</summary>
internal static class PostProcessor
{
    /// <summary>Adds the ids to those of the processors before.</summary>
    /// <exception cref="UserInputException">The processor is damaged or not supported.</exception>
    public static void Read(JsonPlace processor, List<int> prefix, List<int> suffix)
    {
        if (processor.IsNull)
        {
            return;
        }

        var type = processor["type"].Text();
        switch (type)
        {
            case "ByteLevel":
                // It only moves character offsets, and there are none here.
                break;
            case "Sequence":
                foreach (var inner in processor["processors"].Items())
                {
                    Read(inner, prefix, suffix);
                }

                break;
            case "TemplateProcessing":
                ReadTemplate(processor, prefix, suffix);
                break;
            default:
                throw processor["type"].Error($"is \"{type}\": supported are ByteLevel, TemplateProcessing and Sequence");
        }
    }

    private static void ReadTemplate(JsonPlace template, List<int> prefix, List<int> suffix)
    {
        var before = new List<int>();
        var after = new List<int>();
        var texts = 0;
        foreach (var element in template["single"].Items())
        {
            if (!element["Sequence"].IsNull)
            {
                texts++;
                continue;
            }

            var name = element["SpecialToken"]["id"].Text();
            (texts == 0 ? before : after).AddRange(template["special_tokens"][name]["ids"].Items().Select(TokenizerFile.CheckedId));
        }

        if (texts != 1)
        {
            throw template["single"].Error($"must hold the text's own Sequence once, not {texts} times");
        }

        // In a sequence of processors the later ones wrap what the earlier ones made.
        prefix.InsertRange(0, before);
        suffix.AddRange(after);
    }
}
