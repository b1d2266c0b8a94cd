using System.Text;

using Microsoft.AspNetCore.Components.Forms;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Rewards;

/// <summary>A Python file from the user's machine.</summary>
public static class RewardUpload
{
    /// <summary>The longest file.</summary>
    public const long MostBytes = 1 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Its text, without a byte order mark.</summary>
    /// <exception cref="UserInputException">It is no Python file, too long, or not UTF-8.</exception>
    public static async Task<string> ReadAsync(IBrowserFile file)
    {
        if (!file.Name.EndsWith(".py", StringComparison.OrdinalIgnoreCase))
        {
            throw new UserInputException(L["{0} is no Python file: its name must end with .py.", file.Name]);
        }

        if (file.Size > MostBytes)
        {
            throw new UserInputException(L["{0} has {1}; at most {2} are allowed.", file.Name, Display.Bytes(file.Size), Display.Bytes(MostBytes)]);
        }

        try
        {
            await using Stream stream = file.OpenReadStream(MostBytes);
            using MemoryStream content = new();
            await stream.CopyToAsync(content);
            string text = s_strict.GetString(content.GetBuffer(), 0, (int)content.Length).TrimStart('\uFEFF');
            return string.IsNullOrWhiteSpace(text) ? throw new UserInputException(L["{0} is empty.", file.Name]) : text;
        }
        catch (DecoderFallbackException)
        {
            throw new UserInputException(L["{0} is not UTF-8 text.", file.Name]);
        }
        catch (IOException broken)
        {
            throw new UserInputException(L["{0} could not be read: {1}", file.Name, broken.Message.ReplaceLineEndings(" ")], broken);
        }
    }

    /// <summary>A name for the library made of a file's name.</summary>
    public static string NameOf(string fileName)
    {
        string stem = Path.GetFileNameWithoutExtension(fileName);
        string plain = string.Concat(stem.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' ? character : '-')).TrimStart('-', '_', '.');
        return plain[..Math.Min(plain.Length, 63)];
    }
}
